package io.sessionize.spark.internal;

import io.sessionize.Failure;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.Property;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** The condition {@code where} of a topic, on single events. For one thread. */
public final class EventCondition {
  private static final List<String> COLUMNS =
      List.of("uuid", "event_id", "event_time_ms", "order", "page_name", "booking_details");
  private static final List<String> DETAILS = List.of("event_name", "event_type", "event_value");

  private final BasePredicate condition;
  private final DecodedRowWriter writer;

  private EventCondition(BasePredicate condition, DecodedRowWriter writer) {
    this.condition = condition;
    this.writer = writer;
  }

  /**
   * Parses and checks a condition.
   *
   * @param where in Spark SQL
   * @param properties that the events carry
   * @throws Failure of usage, if it is not a condition on these columns, or is not allowed
   */
  public static EventCondition parse(
      SparkSession spark, String topic, String where, List<Property> properties) {
    List<Column> columns = new ArrayList<>();
    COLUMNS.forEach(name -> columns.add(functions.col(name)));
    DETAILS.forEach(name -> columns.add(functions.col("event_details." + name).as(name)));
    properties.forEach(property -> columns.add(functions.col(property.name())));
    RowSchemas schemas = RowSchemas.of(properties);
    String name = "where of topic " + topic;
    SqlExpression parsed =
        SqlExpression.parse(spark, name, where, schemas.decoded(), columns.toArray(Column[]::new));
    if (!parsed.type().equals(DataTypes.BooleanType)) {
      throw Failure.usage(
          "%s must be true or false, but is of type %s: %s.",
          name, parsed.type().simpleString(), where);
    }
    return new EventCondition(parsed.condition(), new DecodedRowWriter(schemas));
  }

  /** Returns whether an event is kept. One that the condition fails on is not. */
  public boolean holds(String uuid, Event event) {
    try {
      return condition.eval(writer.write(uuid, event, 0, event.timeMs()));
    } catch (RuntimeException e) {
      return false;
    }
  }
}

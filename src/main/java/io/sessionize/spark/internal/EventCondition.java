package io.sessionize.spark.internal;

import io.sessionize.Failure;
import io.sessionize.session.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Parses a condition on an event: {@code where} of a topic, and those of rules. */
final class EventCondition {
  private static final List<String> COLUMNS =
      List.of("uuid", "event_id", "event_time_ms", "order", "page_name", "booking_details");
  private static final List<String> DETAILS = List.of("event_name", "event_type", "event_value");

  private EventCondition() {}

  /**
   * Parses and checks a condition.
   *
   * @param name of the condition, for messages
   * @param condition in Spark SQL
   * @param properties that it can name
   * @param row columns of the decoded rows
   * @throws Failure of usage, if it is not a condition on these columns, or is not allowed
   */
  static SqlExpression parse(
      SparkSession spark,
      String name,
      String condition,
      List<Property> properties,
      StructType row) {
    List<Column> columns = new ArrayList<>();
    COLUMNS.forEach(column -> columns.add(functions.col(column)));
    columns.add(functions.timestamp_millis(functions.col("event_time_ms")).as("event_timestamp"));
    DETAILS.forEach(detail -> columns.add(functions.col("event_details." + detail).as(detail)));
    properties.forEach(property -> columns.add(functions.col(property.name())));
    SqlExpression parsed =
        SqlExpression.parse(
            spark,
            new SqlExpression.Source(name, condition, "event", UnaryOperator.identity()),
            row,
            columns.toArray(Column[]::new));
    if (!parsed.type().equals(DataTypes.BooleanType)) {
      throw Failure.usage(
          "%s must be true or false, but is of type %s: %s.",
          name, parsed.type().simpleString(), condition);
    }
    return parsed;
  }
}

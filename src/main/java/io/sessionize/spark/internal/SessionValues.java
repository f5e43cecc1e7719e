package io.sessionize.spark.internal;

import io.sessionize.column.GivenColumns;
import io.sessionize.column.RecordedColumns;
import io.sessionize.row.OutcomeRows;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Property;
import io.sessionize.session.Session;
import java.io.StringWriter;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonGenerator;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map;

/** Evaluates session columns on sessions in memory, as a batch does. For one thread. */
public final class SessionValues {
  private static final JSONOptions WITH_NULLS =
      new JSONOptions(new Map.Map1<>("ignoreNullFields", "false"), "UTC", "");

  private final StructType columns;
  private final OutcomeRowWriter writer;
  private long failed;

  private SessionValues(SessionExpressions expressions) {
    this.columns = expressions.schemas().columns();
    this.writer = new OutcomeRowWriter(expressions.schemas(), expressions.compile());
  }

  /**
   * The columns that new tables would take in. They are evaluated without Spark.
   *
   * @param properties that events have
   * @throws io.sessionize.Failure of usage, if new tables could not take them in
   */
  public static SessionValues of(
      SparkSession spark, GivenColumns given, List<Property> properties) {
    RecordedColumns taken =
        given.takenInto(
            RecordedColumns.NONE, true, columns -> ColumnSql.typed(spark, columns, properties));
    return new SessionValues(SessionExpressions.of(spark, taken, properties));
  }

  /** Returns the values of a session as a JSON object, in which each column has a member. */
  public String json(Session session) {
    InternalRow row = writer.write(new Outcome(session, Change.NONE, null, true, false, false, 0));
    Object[] values = new Object[columns.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(OutcomeRows.COLUMNS + i, columns.apply(i).dataType());
    }
    failed += row.getInt(OutcomeRows.FAILED_COLUMNS);
    StringWriter json = new StringWriter();
    JacksonGenerator generator = new JacksonGenerator(columns, json, WITH_NULLS);
    generator.write(new GenericInternalRow(values));
    generator.close();
    return json.toString();
  }

  /** Returns how many values have failed so far: they are null. */
  public long failed() {
    return failed;
  }
}

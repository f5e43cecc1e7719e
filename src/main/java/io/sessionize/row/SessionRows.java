package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Columns of a session. */
public final class SessionRows {
  public static final int UUID = 0;
  public static final int SESSION_ID = 1;
  public static final int START_MS = 2;
  public static final int END_MS = 3;
  public static final int DURATION_SECONDS = 4;
  public static final int EVENT_COUNT = 5;
  public static final int PAGES_VISITED = 6;
  public static final int START = 7;
  public static final int END = 8;
  public static final int CLOSE_REASON = 9;
  public static final int BOUNDARY_RULE = 10;
  public static final int EVENTS = 11;

  /**
   * The columns that the sessions table and the staging table share, if events carry no property.
   */
  public static final StructType SESSION = of(EventRows.EVENT);

  /** The columns of the staging table, if events carry no property. */
  public static final StructType OPEN = openOf(SESSION);

  private SessionRows() {}

  static StructType of(StructType event) {
    return new StructType()
        .add("uuid", StringType)
        .add("session_id", StringType)
        .add("session_start_time_ms", LongType)
        .add("session_end_time_ms", LongType)
        .add("session_duration_seconds", LongType)
        .add("event_count", LongType)
        .add("pages_visited", DataTypes.createArrayType(StringType))
        .add("session_start", TimestampType)
        .add("session_end", TimestampType)
        .add("close_reason", StringType)
        .add("boundary_rule", StringType)
        .add("events", DataTypes.createArrayType(event));
  }

  static StructType openOf(StructType session) {
    return session.add("published", BooleanType);
  }

  /** The columns of {@link #SESSION} in their order, and then the given ones. */
  public static Column[] columns(Column... more) {
    return Stream.concat(
            Arrays.stream(SESSION.fieldNames()).map(functions::col), Arrays.stream(more))
        .toArray(Column[]::new);
  }

  /** These columns in their order. */
  public static Column[] columns(StructType columns) {
    return Arrays.stream(columns.fieldNames()).map(functions::col).toArray(Column[]::new);
  }

  /**
   * Selects these columns in their order, whatever the order and the other columns of the table
   * are. A missing column is null.
   */
  public static Dataset<Row> fit(Dataset<Row> stored, StructType columns) {
    StructType found = stored.schema();
    boolean fits =
        Arrays.stream(columns.fields())
            .allMatch(
                column ->
                    found.getFieldIndex(column.name()).isDefined()
                        && isLike(found.apply(column.name()).dataType(), column.dataType()));
    // A plain select does not copy the events; Dataset.to does.
    return fits ? stored.select(columns(columns)) : stored.to(columns);
  }

  private static boolean isLike(DataType found, DataType expected) {
    return found.catalogString().equals(expected.catalogString());
  }
}

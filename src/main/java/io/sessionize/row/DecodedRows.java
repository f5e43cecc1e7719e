package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of a decoded Kafka record. A row holds either an event or a rejection: either {@code
 * rejected} or {@code uuid} is null.
 */
public final class DecodedRows {
  public static final int UUID = 0;
  public static final int PARTITION = 1;
  public static final int RECORD_TIME_MS = 2;
  public static final int REJECTED = 3;

  /** Position of the event's first column. Nothing follows the event. */
  public static final int EVENT = 4;

  public static final int REJECTION_TOPIC = 0;
  public static final int REJECTION_PARTITION = 1;
  public static final int REJECTION_OFFSET = 2;
  public static final int REJECTION_INDEX = 3;
  public static final int REJECTION_RECORD_TIME = 4;
  public static final int REJECTION_KEY = 5;
  public static final int REJECTION_VALUE = 6;
  public static final int REJECTION_REASON = 7;
  public static final int REJECTION_DETAIL = 8;

  /**
   * A rejected record: the columns of the rejected table, without {@code rejected_at}. {@code
   * index} is null if the whole record is rejected.
   */
  public static final StructType REJECTION =
      new StructType()
          .add("topic", StringType)
          .add("partition", IntegerType)
          .add("offset", LongType)
          .add("index", IntegerType)
          .add("record_time", TimestampType)
          .add("key", BinaryType)
          .add("value", BinaryType)
          .add("reason", StringType)
          .add("detail", StringType);

  /** The columns of a decoded row, if events carry no property. */
  public static final StructType SCHEMA = of(EventRows.EVENT);

  private static final List<String> KEY =
      List.of("topic", "partition", "offset", "index", "record_time");

  private DecodedRows() {}

  static StructType of(StructType event) {
    StructType columns =
        new StructType()
            .add("uuid", StringType)
            .add("partition", IntegerType)
            .add("record_time_ms", LongType)
            .add("rejected", REJECTION);
    for (StructField field : event.fields()) {
      columns = columns.add(field);
    }
    return columns;
  }

  /** The columns that identify a rejected record, or an element of one. */
  public static Column[] keyColumns() {
    return KEY.stream().map(functions::col).toArray(Column[]::new);
  }

  /** A condition for a join: whether two rows are rejections of the same record. */
  public static Column isSameRecord(Dataset<Row> one, Dataset<Row> other) {
    Column same = functions.lit(true);
    for (String column : KEY) {
      same = same.and(one.col(column).eqNullSafe(other.col(column)));
    }
    return same;
  }

  /** An empty dataset of decoded rows. */
  public static Dataset<Row> none(SparkSession spark, RowSchemas schemas) {
    return spark.createDataFrame(List.of(), schemas.decoded());
  }

  /**
   * The events of sessions, as if they were decoded from records sent when the events happened.
   *
   * @param sessions columns {@code uuid} and {@code events}, with all columns of an event in their
   *     order; elements that are not readable events are skipped
   */
  public static Dataset<Row> ofSessions(Dataset<Row> sessions) {
    return sessions
        .select(functions.col("uuid"), functions.explode(functions.col("events")).as("event"))
        .where("event.event_id IS NOT NULL AND event.event_time_ms IS NOT NULL")
        .select(
            functions.col("uuid"),
            functions.lit(0).as("partition"),
            functions.col("event.event_time_ms").as("record_time_ms"),
            functions.lit(null).cast(REJECTION).as("rejected"),
            functions.col("event.*"));
  }
}

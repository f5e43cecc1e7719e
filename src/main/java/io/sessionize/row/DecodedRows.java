package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.Arrays;
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

  /** Position of the event's first column. */
  public static final int EVENT = 1;

  public static final int PARTITION = EVENT + EventRows.EVENT.length();
  public static final int RECORD_TIME_MS = PARTITION + 1;
  public static final int REJECTED = PARTITION + 2;

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

  /** The columns of a decoded row. */
  public static final StructType SCHEMA = schema();

  private DecodedRows() {}

  private static StructType schema() {
    StructType columns = new StructType().add("uuid", StringType);
    for (StructField field : EventRows.EVENT.fields()) {
      columns = columns.add(field);
    }
    return columns
        .add("partition", IntegerType)
        .add("record_time_ms", LongType)
        .add("rejected", REJECTION);
  }

  /** The columns of the user and the event of a decoded row. */
  public static Column[] eventColumns() {
    return Arrays.stream(SCHEMA.fieldNames())
        .limit(PARTITION)
        .map(functions::col)
        .toArray(Column[]::new);
  }

  /** A condition for a join: whether two rows are rejections of the same record. */
  public static Column isSameRecord(Dataset<Row> one, Dataset<Row> other) {
    Column same = functions.lit(true);
    for (String column : List.of("topic", "partition", "offset", "index", "record_time")) {
      same = same.and(one.col(column).eqNullSafe(other.col(column)));
    }
    return same;
  }

  /** An empty dataset of decoded rows. */
  public static Dataset<Row> none(SparkSession spark) {
    return spark.createDataFrame(List.of(), SCHEMA);
  }

  /**
   * The events of sessions, as if they were decoded from records sent when the events happened.
   *
   * @param sessions columns {@code uuid} and {@code events}; elements that are not readable events
   *     are skipped
   */
  public static Dataset<Row> ofSessions(Dataset<Row> sessions) {
    return sessions
        .select(functions.col("uuid"), functions.explode(functions.col("events")).as("event"))
        .select("uuid", "event.*")
        .where("event_id IS NOT NULL AND event_time_ms IS NOT NULL")
        .select(eventColumns())
        .withColumn("partition", functions.lit(0))
        .withColumn("record_time_ms", functions.col("event_time_ms"))
        .withColumn("rejected", functions.lit(null).cast(REJECTION));
  }
}

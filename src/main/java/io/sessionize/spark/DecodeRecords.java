package io.sessionize.spark;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import io.sessionize.event.Decoded;
import io.sessionize.event.EventDecoder;
import io.sessionize.event.Limits;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.spark.internal.DecodedRowWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Kafka records to rows that hold either an event or a rejection: one decode, no shuffle. A row's
 * {@code rejected} is null exactly where its {@code uuid} is not.
 */
public final class DecodeRecords {
  public static final int TOPIC = 0;
  public static final int PARTITION = 1;
  public static final int OFFSET = 2;
  private static final int TIMESTAMP = 3;
  public static final int KEY = 4;
  public static final int VALUE = 5;

  private static final StructType DETAILS =
      new StructType()
          .add("event_name", StringType)
          .add("event_type", StringType)
          .add("event_value", StringType);

  /** A rejected record, as its table holds it. */
  public static final StructType REJECTED =
      new StructType()
          .add("topic", StringType)
          .add("partition", IntegerType)
          .add("offset", LongType)
          .add("record_time", TimestampType)
          .add("key", BinaryType)
          .add("value", BinaryType)
          .add("reason", StringType)
          .add("detail", StringType);

  /** A decoded row. */
  public static final StructType SCHEMA =
      new StructType()
          .add("uuid", StringType)
          .add("event_id", StringType)
          .add("event_time_ms", LongType)
          .add("page_name", StringType)
          .add("booking_details", StringType)
          .add("event_details", DETAILS)
          .add("partition", IntegerType)
          .add("record_time_ms", LongType)
          .add("rejected", REJECTED);

  private static final long NO_TIMESTAMP = -1;
  private static final long YEAR_9999_ENDS_MS =
      Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
  private static final int EVENT_COLUMNS = 6;

  private DecodeRecords() {}

  /**
   * Decodes.
   *
   * @param records rows with the columns of Spark's Kafka source
   * @return rows of {@link #SCHEMA} in Spark's own form, each in the place of the one before
   */
  public static JavaRDD<InternalRow> decode(Dataset<Row> records, Limits limits) {
    return records
        .select("topic", "partition", "offset", "timestamp", "key", "value")
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(rows -> decoded(rows, limits));
  }

  /** The columns of a decoded row that make the event, in the order of {@link #event}. */
  public static Column[] eventColumns() {
    return Arrays.stream(SCHEMA.fieldNames())
        .limit(EVENT_COLUMNS)
        .map(functions::col)
        .toArray(Column[]::new);
  }

  /** What decoding no records gives. */
  public static Dataset<Row> none(SparkSession spark) {
    return spark.createDataFrame(List.of(), SCHEMA);
  }

  /**
   * The events of sessions, as if just decoded from records that were sent when they happened.
   *
   * @param sessions columns {@code uuid} and {@code events}; what cannot be an event is left out
   */
  public static JavaRDD<InternalRow> ofSessions(Dataset<Row> sessions) {
    return sessions
        .select(functions.col("uuid"), functions.explode(functions.col("events")).as("event"))
        .select("uuid", "event.*")
        .where("event_id IS NOT NULL AND event_time_ms IS NOT NULL")
        .select(eventColumns())
        .withColumn("partition", functions.lit(0))
        .withColumn("record_time_ms", functions.col("event_time_ms"))
        .withColumn("rejected", functions.lit(null).cast(REJECTED))
        .queryExecution()
        .toRdd()
        .toJavaRDD();
  }

  /**
   * Makes the event of a decoded row that holds one.
   *
   * @param texts of the same user's events
   */
  public static Event event(Row row, RepeatedTexts texts) {
    Row details = row.getStruct(5);
    return new Event(
        row.getLong(2),
        row.getString(1),
        texts.once(row.getString(3)),
        texts.once(row.getString(4)),
        details == null
            ? null
            : new EventDetails(
                texts.once(details.getString(0)),
                texts.once(details.getString(1)),
                texts.once(details.getString(2))));
  }

  private static Iterator<InternalRow> decoded(Iterator<InternalRow> records, Limits limits) {
    EventDecoder decoder = new EventDecoder(limits);
    DecodedRowWriter writer = new DecodedRowWriter();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return records.hasNext();
      }

      @Override
      public InternalRow next() {
        return decoded(decoder, records.next(), writer);
      }
    };
  }

  private static InternalRow decoded(
      EventDecoder decoder, InternalRow record, DecodedRowWriter writer) {
    int partition = record.getInt(PARTITION);
    long recordTimeMs = DateTimeUtils.microsToMillis(record.getLong(TIMESTAMP));
    Decoded decoded =
        decoder.decode(
            record.getBinary(VALUE),
            record.getUTF8String(TOPIC).toString(),
            partition,
            record.getLong(OFFSET),
            recordTimeMs);
    if (decoded instanceof Decoded.Valid valid) {
      Event event = valid.event();
      // A record whose time is unknown was written when its event happened, or later.
      long timeMs = Limits.isKnown(recordTimeMs) ? recordTimeMs : event.timeMs();
      return writer.write(valid.uuid(), event, partition, timeMs);
    }
    return writer.write((Decoded.Rejected) decoded, record, storable(recordTimeMs));
  }

  /**
   * What a producer claims may be anything, nanoseconds for example. Other engines read our tables
   * too, and many know no later year than 9999.
   */
  private static long storable(long claimedMs) {
    return Math.max(NO_TIMESTAMP, Math.min(claimedMs, YEAR_9999_ENDS_MS));
  }
}

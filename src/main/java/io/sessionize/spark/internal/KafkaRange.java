package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.bytes;

import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.PartitionRange;
import io.sessionize.source.RangeReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads ranges of offsets in Spark tasks, with Kafka's own consumer in place of Spark's Kafka
 * source. At each poll, that source asks the brokers where the partition begins and ends; it fails
 * at a timestamp in nanoseconds; and its plan costs more than the records of a second.
 */
public final class KafkaRange {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          "topic STRING, `partition` INT, `offset` BIGINT, timestamp TIMESTAMP, key BINARY, value"
              + " BINARY");

  /** A task must have enough records to be worth its start. */
  private static final long MIN_RECORDS_PER_TASK = 25_000;

  private static final long MICROS_PER_MS = 1_000;
  private static final long NO_TIMESTAMP_MS = -1;

  /** The last time that Spark can hold. */
  private static final long LAST_MS = Long.MAX_VALUE / MICROS_PER_MS;

  private final SparkSession spark;
  private final KafkaReadOptions source;

  public KafkaRange(SparkSession spark, KafkaReadOptions source) {
    this.spark = spark;
    this.source = source;
  }

  /**
   * Returns the records of the ranges {@code [from, to)}. Lazy. The columns are those of {@link
   * RecordDecoding#select}, in their order.
   *
   * @param from a partition without an offset begins at 0
   */
  public Dataset<Row> read(Offsets from, Offsets to) {
    List<PartitionRange> ranges = PartitionRange.between(from, to);
    List<List<PartitionRange>> distributed = distributed(ranges);
    Map<String, String> ofOne = source.consumerSettings(1);
    Map<String, String> ofMany = source.consumerSettings(Integer.MAX_VALUE);
    Duration patience = source.patience();
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    JavaRDD<List<PartitionRange>> rdd =
        distributed.isEmpty()
            ? context.emptyRDD()
            : context.parallelize(distributed, distributed.size());
    return new InternalRows(
            rdd.flatMap(
                some -> rows(new RangeReader(some.size() == 1 ? ofOne : ofMany, some, patience))))
        .toRows(spark, COLUMNS);
  }

  /**
   * Distributes the ranges to tasks: at most one for each core, or one for every 25,000 records if
   * these are more.
   */
  private List<List<PartitionRange>> distributed(List<PartitionRange> ranges) {
    int cores = spark.sparkContext().defaultParallelism();
    long records = ranges.stream().mapToLong(PartitionRange::size).sum();
    int worthwhile = (int) Math.min(Integer.MAX_VALUE, records / MIN_RECORDS_PER_TASK);
    return PartitionRange.tasks(
        ranges, Math.max(1, Math.min(cores, worthwhile)), Math.max(cores, worthwhile));
  }

  private static Iterator<InternalRow> rows(RangeReader reader) {
    TaskCompletionListener close = task -> reader.close();
    TaskContext.get().addTaskCompletionListener(close);
    return new Rows(reader);
  }

  /** Records as rows, each written into the same mutable row. */
  private static final class Rows implements Iterator<InternalRow> {
    private final Iterator<ConsumerRecord<byte[], byte[]>> records;
    private final UnsafeRowWriter row = new UnsafeRowWriter(COLUMNS.length());
    private final Map<String, UTF8String> topics = new HashMap<>();
    private final TaskContext task = TaskContext.get();

    Rows(Iterator<ConsumerRecord<byte[], byte[]>> records) {
      this.records = records;
    }

    @Override
    public boolean hasNext() {
      // If another task of the batch has failed, this one would read to its end.
      task.killTaskIfInterrupted();
      return records.hasNext();
    }

    @Override
    public InternalRow next() {
      ConsumerRecord<byte[], byte[]> record = records.next();
      task.taskMetrics().inputMetrics().incRecordsRead(1);
      row.reset();
      row.zeroOutNullBytes();
      row.write(
          RecordDecoding.TOPIC, topics.computeIfAbsent(record.topic(), UTF8String::fromString));
      row.write(RecordDecoding.PARTITION, record.partition());
      row.write(RecordDecoding.OFFSET, record.offset());
      row.write(RecordDecoding.TIMESTAMP, micros(record.timestamp()));
      bytes(row, RecordDecoding.KEY, record.key());
      bytes(row, RecordDecoding.VALUE, record.value());
      return row.getRow();
    }

    /**
     * Returns microseconds, within what Spark can hold. A producer may send any number, nanoseconds
     * for example.
     */
    private static long micros(long timestampMs) {
      return Math.max(NO_TIMESTAMP_MS, Math.min(timestampMs, LAST_MS)) * MICROS_PER_MS;
    }
  }
}

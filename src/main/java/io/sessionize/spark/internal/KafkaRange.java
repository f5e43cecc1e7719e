package io.sessionize.spark.internal;

import io.sessionize.event.KafkaRecord;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.PartitionRange;
import io.sessionize.source.RangeReader;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads ranges of offsets in Spark tasks, with Kafka's own consumer in place of Spark's Kafka
 * source. At each poll, that source asks the brokers where the partition begins and ends; it fails
 * at a timestamp in nanoseconds; and its plan costs more than the records of a second.
 */
public final class KafkaRange {
  /** A task must have enough records to be worth its start. */
  private static final long MIN_RECORDS_PER_TASK = 25_000;

  private final SparkSession spark;
  private final KafkaReadOptions source;

  public KafkaRange(SparkSession spark, KafkaReadOptions source) {
    this.spark = spark;
    this.source = source;
  }

  /**
   * Returns the records of the ranges {@code [from, to)}. Lazy.
   *
   * @param from a partition without an offset begins at 0
   */
  public Records read(Offsets from, Offsets to) {
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
    return Records.ofKafka(
        rdd.flatMap(
            some -> records(new RangeReader(some.size() == 1 ? ofOne : ofMany, some, patience))));
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

  private static Iterator<ReadRecord> records(RangeReader reader) {
    TaskCompletionListener close = task -> reader.close();
    TaskContext.get().addTaskCompletionListener(close);
    return new TaskRecords(reader);
  }

  /** The records of a task. */
  private static final class TaskRecords implements Iterator<ReadRecord> {
    private final Iterator<ConsumerRecord<byte[], byte[]>> records;
    private final TaskContext task = TaskContext.get();

    TaskRecords(Iterator<ConsumerRecord<byte[], byte[]>> records) {
      this.records = records;
    }

    @Override
    public boolean hasNext() {
      // If another task of the batch has failed, this one would read to its end.
      task.killTaskIfInterrupted();
      return records.hasNext();
    }

    @Override
    public ReadRecord next() {
      ConsumerRecord<byte[], byte[]> record = records.next();
      task.taskMetrics().inputMetrics().incRecordsRead(1);
      KafkaRecord read =
          new KafkaRecord(
              record.topic(),
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.value());
      return new ReadRecord(read, record.key(), null);
    }
  }
}

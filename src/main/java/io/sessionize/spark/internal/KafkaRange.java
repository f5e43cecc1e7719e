package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.bytes;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.source.KafkaReadOptions;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.kafka010.KafkaOffsetRange;
import org.apache.spark.sql.kafka010.KafkaOffsetRangeCalculator;
import org.apache.spark.sql.kafka010.KafkaSourceProvider$;
import org.apache.spark.sql.kafka010.KafkaSourceRDD;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Reads ranges of offsets with Spark's own Kafka consumers, in Spark tasks but without Spark's
 * Kafka relation: that asks the brokers again for what is known, and converts each record to a row
 * of objects and back. For a batch of a second, its plan costs more than its records.
 *
 * <p>All ranges of one reader are read with the same consumers, which an executor keeps for some
 * minutes.
 */
public final class KafkaRange {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          "topic STRING, `partition` INT, `offset` BIGINT, timestamp TIMESTAMP, key BINARY, value"
              + " BINARY");

  private final SparkSession spark;
  private final KafkaReadOptions source;

  /** Spark keeps consumers by this name and the partition of the topic. */
  private final String group = "spark-kafka-relation-" + UUID.randomUUID();

  public KafkaRange(SparkSession spark, KafkaReadOptions source) {
    this.spark = spark;
    this.source = source;
  }

  /**
   * Returns the records of the ranges {@code [from, to)}, which Kafka has. Lazy. The columns are
   * those of {@link RecordDecoding#select}, in their order.
   */
  public Dataset<Row> read(Offsets from, Offsets to) {
    long records = to.since(from);
    List<KafkaOffsetRange> ranges = new ArrayList<>();
    from.next()
        .forEach(
            (partition, first) -> {
              long next = to.next().get(partition);
              if (first < next) {
                ranges.add(
                    new KafkaOffsetRange(of(partition), first, next, Option.<String>empty()));
              }
            });
    int tasks = source.tasks(spark, records);
    KafkaSourceRDD read =
        new KafkaSourceRDD(
            spark.sparkContext(),
            KafkaSourceProvider$.MODULE$.kafkaParamsForExecutors(clientSettings(), group),
            new KafkaOffsetRangeCalculator(Option.apply(tasks))
                .getRanges(seq(ranges), seq(List.<String>of())),
            source.pollTimeoutMs(),
            true);
    JavaRDD<InternalRow> rows = read.toJavaRDD().mapPartitions(Rows::new);
    // A task costs as much as some thousand records.
    int most = Math.max(tasks, spark.sparkContext().defaultParallelism());
    return new InternalRows(ranges.size() > most ? rows.coalesce(most) : rows)
        .toRows(spark, COLUMNS);
  }

  private scala.collection.immutable.Map<String, String> clientSettings() {
    List<Tuple2<String, String>> settings = new ArrayList<>();
    source.consumerSettings().forEach((key, value) -> settings.add(new Tuple2<>(key, value)));
    return JavaConverters.asScalaBuffer(settings).toMap(scala.Predef.$conforms());
  }

  private static TopicPartition of(Partition partition) {
    return new TopicPartition(partition.topic(), partition.number());
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toSeq();
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
      // As Spark's stream does, also for times before the Gregorian calendar.
      row.write(
          RecordDecoding.TIMESTAMP,
          DateTimeUtils.fromJavaTimestamp(new Timestamp(record.timestamp())));
      bytes(row, RecordDecoding.KEY, record.key());
      bytes(row, RecordDecoding.VALUE, record.value());
      return row.getRow();
    }
  }
}

package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A topic's records, as Spark's Kafka source gives them.
 *
 * @param maxOffsets most records in one batch of the stream, or null
 * @param failOnDataLoss whether to fail where Kafka has deleted what was not read, instead of
 *     recording the gap and going on
 */
public record KafkaReadOptions(
    KafkaConnection connection, String topic, Long maxOffsets, boolean failOnDataLoss) {

  private static final String API_TIMEOUT = "default.api.timeout.ms";
  private static final String REQUEST_TIMEOUT = "request.timeout.ms";

  private static final long RECORDS_OF_A_TASK = 25_000;

  /** No less than Kafka's default for {@link #REQUEST_TIMEOUT}: it would be refused. */
  private static final String PATIENCE_MS = "30000";

  /**
   * The stream from where its checkpoint stands.
   *
   * @param start where it starts without a checkpoint; every partition named
   * @param latest where the topic ends, about
   */
  public Dataset<Row> stream(SparkSession spark, Offsets start, Offsets latest) {
    long records = latest.since(start);
    Map<String, String> options =
        options(spark, maxOffsets == null ? records : Math.min(records, maxOffsets));
    options.put("startingOffsets", start.sparkJson(topic));
    options.put("failOnDataLoss", "true");
    if (maxOffsets != null) {
      options.put("maxOffsetsPerTrigger", maxOffsets.toString());
    }
    return spark.readStream().format("kafka").options(options).load();
  }

  /** The records of the ranges {@code [from, to)}; both name every partition of the topic. */
  public Dataset<Row> range(SparkSession spark, Offsets from, Offsets to) {
    Map<String, String> options = options(spark, to.since(from));
    options.put("startingOffsets", from.sparkJson(topic));
    options.put("endingOffsets", to.sparkJson(topic));
    return spark.read().format("kafka").options(options).load();
  }

  private Map<String, String> options(SparkSession spark, long records) {
    Map<String, String> options = new HashMap<>();
    // Where few partitions hold all that is new, their ranges are split, so that no core waits for
    // another; but not for so few records that a consumer of its own costs more.
    long tasks = Math.min(spark.sparkContext().defaultParallelism(), records / RECORDS_OF_A_TASK);
    options.put("minPartitions", Long.toString(Math.max(1, tasks)));
    // Measured: the default fetch size costs a third of the reading speed.
    options.put("kafka.max.partition.fetch.bytes", "16777216");
    // A fetch is compressed, a poll is not: a few kilobytes may unpack to this many records of the
    // greatest size, a megabyte each. But at each poll Spark asks the broker where the topic begins
    // and ends: measured, fewer cost more.
    options.put("kafka.max.poll.records", "1000");
    // All that is asked for is there. A fetch sent ahead from where the topic ends finds nothing,
    // and the broker answers no other question of that task before this one: by default half a
    // second, in each partition.
    options.put("kafka.fetch.max.wait.ms", "10");
    options.put(
        "kafka.isolation.level", connection.isolationLevel().toString().toLowerCase(Locale.ROOT));
    Map<String, String> client = connection.clientSettings();
    // A broker that is gone is waited for twice: first for a record, by default two minutes, then
    // for where the topic ends, by default one. The user's own timeouts stand.
    if (!client.containsKey(REQUEST_TIMEOUT)) {
      client.putIfAbsent(API_TIMEOUT, PATIENCE_MS);
    }
    options.put("kafkaConsumer.pollTimeoutMs", client.getOrDefault(API_TIMEOUT, PATIENCE_MS));
    client.forEach((key, value) -> options.put("kafka." + key, value));
    options.put("subscribe", topic);
    return options;
  }
}

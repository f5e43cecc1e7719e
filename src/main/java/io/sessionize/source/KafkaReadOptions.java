package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How the records of topics are read.
 *
 * @param topics their names
 * @param maxOffsets maximum number of offsets in one batch of the stream; null for no limit
 * @param maxBytes maximum bytes of the records in one batch of the stream, decompressed, in one
 *     process
 * @param failOnDataLoss whether to fail if Kafka has deleted offsets before they were read;
 *     otherwise the lost range is recorded and the run continues
 */
public record KafkaReadOptions(
    KafkaConnection connection,
    Set<String> topics,
    Long maxOffsets,
    long maxBytes,
    boolean failOnDataLoss) {

  private static final String API_TIMEOUT = "default.api.timeout.ms";
  private static final String REQUEST_TIMEOUT = "request.timeout.ms";

  private static final String FETCH_BYTES = "16777216";

  /** Settings that would change how, or which, records are read. */
  private static final Set<String> NOT_OF_THE_USER =
      Set.of(
          "group.id",
          "group.instance.id",
          "group.protocol",
          "group.remote.assignor",
          "enable.auto.commit",
          "auto.offset.reset",
          "key.deserializer",
          "value.deserializer",
          "interceptor.classes");

  /** Kafka refuses a value below the default of {@link #REQUEST_TIMEOUT}. */
  private static final String TIMEOUT_MS = "30000";

  public KafkaReadOptions {
    topics = Collections.unmodifiableSet(new TreeSet<>(topics));
  }

  /** The same options for these topics. */
  public KafkaReadOptions of(Set<String> others) {
    return new KafkaReadOptions(connection, others, maxOffsets, maxBytes, failOnDataLoss);
  }

  /**
   * Returns the stream, which continues from its checkpoint. Lazy. It plans the offsets of batches;
   * their records are read as ranges.
   *
   * @param start offsets at which it starts without a checkpoint; names every partition
   */
  public Dataset<Row> stream(SparkSession spark, Offsets start) {
    Map<String, String> options = new HashMap<>();
    clientSettings().forEach((key, value) -> options.put("kafka." + key, value));
    options.put("subscribe", String.join(",", topics));
    options.put("startingOffsets", start.json());
    options.put("failOnDataLoss", "true");
    if (maxOffsets != null) {
      options.put("maxOffsetsPerTrigger", maxOffsets.toString());
    }
    return spark.readStream().format("kafka").options(options).load();
  }

  /** Returns how long a task waits for a record: twice the longest timeout of a request. */
  public Duration patience() {
    Map<String, String> client = clientSettings();
    return Duration.ofMillis(
        2
            * Stream.of(API_TIMEOUT, REQUEST_TIMEOUT)
                .map(client::get)
                .filter(Objects::nonNull)
                .mapToLong(given -> Long.parseLong(given.strip()))
                .max()
                .getAsLong());
  }

  /**
   * Returns the settings of a consumer that reads records; they may hold secrets.
   *
   * @param partitions how many it reads
   */
  public Map<String, String> consumerSettings(int partitions) {
    Map<String, String> settings = new HashMap<>();
    if (partitions == 1) {
      // Measured: the default, a megabyte, costs a third of the reading speed. With many partitions
      // the default stays: the consumer may hold this many bytes of each in memory.
      settings.put("max.partition.fetch.bytes", FETCH_BYTES);
    }
    settings.put("fetch.max.bytes", FETCH_BYTES);
    // The range is complete, so long polling is useless. A prefetch at the end of a partition finds
    // nothing, and the broker answers no other request of that task before it: by default half a
    // second.
    settings.put("fetch.max.wait.ms", "10");
    // The brokers that a kept consumer knows may all be replaced.
    settings.put("metadata.recovery.strategy", "rebootstrap");
    settings.put("allow.auto.create.topics", "false");
    settings.putAll(clientSettings());
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    return settings;
  }

  private Map<String, String> clientSettings() {
    Map<String, String> client = connection.clientSettings();
    // The tables record the offsets, without a group, and every record is read as it is.
    client.keySet().removeAll(NOT_OF_THE_USER);
    client.put("isolation.level", connection.isolationLevel().toString().toLowerCase(Locale.ROOT));
    // Kafka's own default is a minute. The user's own timeouts have priority.
    if (!client.containsKey(REQUEST_TIMEOUT)) {
      client.putIfAbsent(API_TIMEOUT, TIMEOUT_MS);
    }
    return client;
  }
}

package io.sessionize.spark;

import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.spark.internal.Checkpoint;
import io.sessionize.spark.internal.KafkaRange;
import io.sessionize.spark.internal.Records;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Reads Kafka topics: as a stream of Spark, with Spark's own checkpoint, or in ranges of offsets
 * without one.
 */
public final class KafkaStream implements Source<Records> {
  /** Spark's logger of a stream that fails. */
  private static final String FAILURES =
      "org.apache.spark.sql.execution.streaming.MicroBatchExecution";

  private final SparkSession streaming;
  private final KafkaReadOptions source;
  private final Checkpoint checkpoint;
  private final KafkaRange ranges;
  private final boolean keepsClient;
  private Admin admin;

  /**
   * @param spark the session in which the records are processed
   * @param streaming the session in which streams are started: see {@link SparkSessions#forStreams}
   * @param checkpointLocation null if no stream is started
   */
  public KafkaStream(
      SparkSession spark,
      SparkSession streaming,
      KafkaReadOptions source,
      String checkpointLocation) {
    this(spark, streaming, source, checkpointLocation, false);
  }

  private KafkaStream(
      SparkSession spark,
      SparkSession streaming,
      KafkaReadOptions source,
      String checkpointLocation,
      boolean keepsClient) {
    this.streaming = streaming;
    this.source = source;
    this.checkpoint = new Checkpoint(spark, checkpointLocation, source.topics());
    this.ranges = new KafkaRange(spark, source);
    this.keepsClient = keepsClient;
  }

  /**
   * Topics that are described again and again, and from which only ranges are read: {@link #stream}
   * cannot be called. The client is kept until it fails. The caller closes it.
   *
   * @param checkpointLocation where an hourly run may have left a checkpoint
   */
  public static KafkaStream ofRanges(
      SparkSession spark, KafkaReadOptions source, String checkpointLocation) {
    return new KafkaStream(spark, null, source, checkpointLocation, true);
  }

  @Override
  public KafkaTopics describe() {
    if (keepsClient) {
      if (admin == null) {
        admin = source.connection().admin();
      }
      try {
        return KafkaTopics.describe(admin, source.connection(), source.topics());
      } catch (RuntimeException e) {
        // The next client asks for the addresses and the login anew.
        close();
        throw e;
      }
    }
    return KafkaTopics.describe(source.connection(), source.topics());
  }

  @Override
  public long maxOffsets() {
    return source.maxOffsets() == null ? Long.MAX_VALUE : source.maxOffsets();
  }

  @Override
  public boolean failOnDataLoss() {
    return source.failOnDataLoss();
  }

  @Override
  public String checkpoint() {
    return checkpoint.location();
  }

  @Override
  public Optional<Offsets> position() {
    return checkpoint.position();
  }

  @Override
  public boolean hasCheckpoint() {
    return checkpoint.exists();
  }

  @Override
  public String setCheckpointAside() {
    return checkpoint.setAside();
  }

  @Override
  public Records range(Offsets from, Offsets to) {
    return ranges.read(from, to);
  }

  @Override
  public void stream(Offsets start, BooleanSupplier stop, Consumer<Streamed<Records>> batch) {
    if (streaming == null) {
      throw new IllegalStateException("Only ranges are read from " + source.topics());
    }
    Level level = LogManager.getLogger(FAILURES).getLevel();
    try {
      StreamingQuery query =
          source.stream(streaming, start)
              .writeStream()
              .queryName("sessionize")
              .option("checkpointLocation", checkpoint.location())
              .trigger(Trigger.AvailableNow())
              .foreachBatch(
                  (Dataset<Row> records, Long batchId) -> {
                    if (stop.getAsBoolean()) {
                      // To end a stream between two batches, a batch must fail. It is no error.
                      Configurator.setLevel(FAILURES, Level.OFF);
                      throw new Stopped();
                    }
                    batch.accept(
                        new MicroBatch(ranges, checkpoint.begin(batchId), checkpoint.end(batchId)));
                  })
              .start();
      query.awaitTermination();
    } catch (StreamingQueryException e) {
      if (!stop.getAsBoolean() || !Stopped.isIn(e)) {
        throw new IllegalStateException(e);
      }
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    } finally {
      Configurator.setLevel(FAILURES, level);
    }
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
      admin = null;
    }
  }

  /** The offsets of a micro-batch, as the checkpoint has them. Its records are read as a range. */
  private record MicroBatch(KafkaRange ranges, Offsets begin, Offsets end)
      implements Streamed<Records> {
    @Override
    public Records since(Offsets from) {
      return ranges.read(begin.atLeast(from), end);
    }
  }

  /** Ends a stream between two batches, on request. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static boolean isIn(Throwable thrown) {
      for (Throwable t = thrown; t != null; t = t.getCause()) {
        if (t instanceof Stopped) {
          return true;
        }
      }
      return false;
    }
  }
}

package io.sessionize.spark.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaErrors;
import java.io.CharConversionException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.CommitLog;
import org.apache.spark.sql.execution.streaming.HDFSMetadataLog;
import org.apache.spark.sql.execution.streaming.OffsetSeq;
import org.apache.spark.sql.execution.streaming.OffsetSeqLog;
import org.apache.spark.sql.execution.streaming.StreamMetadata;
import org.apache.spark.sql.kafka010.KafkaSourceInitialOffsetWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * Where Spark's streaming checkpoint stands. The one place that knows its layout, by the classes
 * that Spark itself reads it with.
 */
public final class Checkpoint {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

  /** The batch before a stream's first. */
  private static final long NONE = -1;

  private final SparkSession spark;
  private final String location;
  private final String topic;

  public Checkpoint(SparkSession spark, String location, String topic) {
    this.spark = spark;
    // Without a slash at its end: what it is renamed to must not lie within it.
    this.location =
        location == null ? null : new Path(location).toString().replaceFirst("(?<=.)/$", "");
    this.topic = topic;
  }

  public String location() {
    return location;
  }

  /**
   * Where the next batch of the stream begins; {@link Offsets#NONE} for a new checkpoint.
   *
   * @return nothing, where some of what Spark would go on from is damaged or missing
   * @throws Failure unreachable, where it cannot be read at all
   */
  public Optional<Offsets> position() {
    try {
      // Spark makes the folders that it looks into: a run that is then refused must leave none.
      return Optional.of(exists() ? read() : Offsets.NONE);
    } catch (IOException | RuntimeException | AssertionError e) {
      // Spark's readers throw whatever a piece of a file brings them to, even assertions.
      IOException storage = storageIn(e);
      if (storage != null) {
        throw unreachable(storage);
      }
      LOG.warn("Checkpoint {} is damaged", location, e);
      return Optional.empty();
    }
  }

  /** Reads what Spark reads when a stream is started. */
  private Offsets read() throws IOException {
    StreamMetadata.read(new Path(location, "metadata"), configuration());
    // Commits first: another driver's batch is planned before it is committed.
    CommitLog commits = new CommitLog(spark, location + "/commits");
    long committed = newest(commits);
    if (committed > NONE) {
      require(commits.get(committed), "commits/" + committed);
    }
    long planned = newest(offsetLog());
    if (committed > planned) {
      throw new NoSuchElementException("offsets/" + committed);
    }
    if (planned == NONE) {
      return initial();
    }
    // Spark reads both, whichever it goes on from.
    Offsets begin = begin(planned);
    Offsets end = end(planned);
    return planned == committed ? end : begin;
  }

  /** Where this batch of the stream begins. */
  public Offsets begin(long batchId) {
    return batchId == 0 ? initial() : end(batchId - 1);
  }

  /** Where this batch of the stream ends; it is on disk before the batch begins. */
  public Offsets end(long batchId) {
    OffsetSeq planned = require(offsetLog().get(batchId), "offsets/" + batchId);
    return Offsets.ofSparkJson(planned.offsets().head().get().json(), topic);
  }

  /**
   * Moves the checkpoint out of the way, so that the next stream begins where it is told to.
   *
   * @return where it lies now
   * @throws Failure of usage or unreachable, where it cannot be moved
   */
  public String setAside() {
    Path from = new Path(location);
    Path to = new Path(location + ".set-aside-" + System.currentTimeMillis());
    String stuck =
        String.format(
            "Checkpoint %s cannot be followed any more, nor be moved to %s", location, to);
    String wayOut = "Delete what is in it: the tables know where to go on.";
    try {
      if (!files(from).rename(from, to)) {
        throw Failure.usage("%s. %s", stuck, wayOut);
      }
      return to.toString();
    } catch (IOException e) {
      throw Failure.unreachable(e, "%s: %s. %s", stuck, KafkaErrors.line(e), wayOut);
    }
  }

  /** Of what a reader has thrown, that the storage has failed; null where it has not. */
  private static IOException storageIn(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      boolean isOfContent =
          t instanceof JsonProcessingException
              || t instanceof ChecksumException
              || t instanceof EOFException
              || t instanceof CharConversionException
              || t instanceof CharacterCodingException;
      if (t instanceof IOException storage && !isOfContent) {
        return storage;
      }
    }
    return null;
  }

  private Failure unreachable(IOException thrown) {
    return Failure.unreachable(
        thrown, "Checkpoint %s cannot be reached: %s.", location, KafkaErrors.line(thrown));
  }

  private boolean exists() throws IOException {
    Path folder = new Path(location);
    return files(folder).exists(folder);
  }

  private FileSystem files(Path path) throws IOException {
    return path.getFileSystem(configuration());
  }

  private Configuration configuration() {
    return spark.sparkContext().hadoopConfiguration();
  }

  private OffsetSeqLog offsetLog() {
    return new OffsetSeqLog(spark, location + "/offsets");
  }

  private static long newest(HDFSMetadataLog<?> log) {
    Option<Object> newest = log.getLatestBatchId();
    return newest.isEmpty() ? NONE : (Long) newest.get();
  }

  private <T> T require(Option<T> content, String file) {
    if (content.isEmpty()) {
      throw new NoSuchElementException("Checkpoint " + location + " lacks " + file);
    }
    return content.get();
  }

  private Offsets initial() {
    var written = new KafkaSourceInitialOffsetWriter(spark, location + "/sources/0").get(0L);
    return written.isEmpty() ? Offsets.NONE : Offsets.ofSparkJson(written.get().json(), topic);
  }
}

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
import java.util.Set;
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
 * Reads and moves Spark's streaming checkpoint. Only this class knows its layout. It reads the
 * files with Spark's own classes.
 */
public final class Checkpoint {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

  /** Id of the batch before the first one of a stream. */
  private static final long NONE = -1;

  private final SparkSession spark;
  private final String location;
  private final Set<String> topics;

  public Checkpoint(SparkSession spark, String location, Set<String> topics) {
    this.spark = spark;
    // Without a slash at the end: the new name must not be inside the folder.
    this.location =
        location == null ? null : new Path(location).toString().replaceFirst("(?<=.)/$", "");
    this.topics = topics;
  }

  public String location() {
    return location;
  }

  /**
   * Returns the offsets at which the next batch of the stream begins; {@link Offsets#NONE} for a
   * new checkpoint.
   *
   * @return empty, if a file that Spark would continue from is damaged or missing, or is of other
   *     topics
   * @throws Failure unreachable, if the storage fails
   */
  public Optional<Offsets> position() {
    try {
      // Spark creates the folders that it reads; a run that is refused later must not leave any.
      return Optional.of(isThere() ? read() : Offsets.NONE);
    } catch (IOException | RuntimeException | AssertionError e) {
      // For a damaged file, Spark's readers throw any exception, and even assertion errors.
      IOException storage = storageFailure(e);
      if (storage != null) {
        throw unreachable(storage);
      }
      LOG.warn("Checkpoint {} is damaged", location, e);
      return Optional.empty();
    }
  }

  /**
   * Returns whether there is a checkpoint, of whatever topic.
   *
   * @throws Failure unreachable, if the storage fails
   */
  public boolean exists() {
    try {
      return isThere();
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /** Reads the files that Spark reads when it starts a stream. */
  private Offsets read() throws IOException {
    StreamMetadata.read(new Path(location, "metadata"), configuration());
    // Commits first, because another driver plans a batch before it commits it.
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
    // Spark reads both in either case.
    Offsets begin = begin(planned);
    Offsets end = end(planned);
    return planned == committed ? end : begin;
  }

  /** Returns the offsets at which this batch of the stream begins. */
  public Offsets begin(long batchId) {
    return batchId == 0 ? initial() : end(batchId - 1);
  }

  /**
   * Returns the offsets at which this batch of the stream ends. They are stored before the batch
   * begins.
   */
  public Offsets end(long batchId) {
    OffsetSeq planned = require(offsetLog().get(batchId), "offsets/" + batchId);
    return ofTopics(planned.offsets().head().get().json());
  }

  /**
   * Renames the checkpoint, so that the next stream begins at the given offsets.
   *
   * @return its new location
   * @throws Failure of usage or unreachable, if it cannot be renamed
   */
  public String setAside() {
    Path from = new Path(location);
    Path to = new Path(location + ".set-aside-" + System.currentTimeMillis());
    String problem =
        String.format(
            "Checkpoint %s cannot be used any more, and cannot be moved to %s", location, to);
    String remedy = "Delete its contents: the run continues from the offsets in the tables.";
    try {
      if (!files(from).rename(from, to)) {
        throw Failure.usage("%s. %s", problem, remedy);
      }
      return to.toString();
    } catch (IOException e) {
      throw Failure.unreachable(e, "%s: %s. %s", problem, KafkaErrors.line(e), remedy);
    }
  }

  /** Returns the cause that is a failure of the storage; null if the content is damaged. */
  private static IOException storageFailure(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      boolean isDamage =
          t instanceof JsonProcessingException
              || t instanceof ChecksumException
              || t instanceof EOFException
              || t instanceof CharConversionException
              || t instanceof CharacterCodingException;
      if (t instanceof IOException storage && !isDamage) {
        return storage;
      }
    }
    return null;
  }

  private Failure unreachable(IOException thrown) {
    return Failure.unreachable(
        thrown, "Checkpoint %s cannot be reached: %s.", location, KafkaErrors.line(thrown));
  }

  private boolean isThere() throws IOException {
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
    return written.isEmpty() ? Offsets.NONE : ofTopics(written.get().json());
  }

  /**
   * A checkpoint that was made with other topics cannot be used, like a damaged one. Spark fails if
   * a topic is gone, and if an added one does not begin at 0.
   */
  private Offsets ofTopics(String json) {
    Offsets all = Offsets.ofJson(json);
    if (!all.isEmpty() && !all.topics().equals(topics)) {
      throw new IllegalStateException("Checkpoint " + location + " is of other topics: " + json);
    }
    return all;
  }
}

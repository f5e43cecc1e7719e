package io.sessionize.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.CommitLog;
import org.apache.spark.sql.execution.streaming.OffsetSeq;
import org.apache.spark.sql.execution.streaming.OffsetSeqLog;
import org.apache.spark.sql.kafka010.KafkaSourceInitialOffsetWriter;
import scala.Option;

/**
 * Where Spark's streaming checkpoint stands. The one place that knows its layout, by the classes
 * that Spark itself reads it with.
 */
public final class Checkpoint {
  private final SparkSession spark;
  private final String location;
  private final String topic;

  public Checkpoint(SparkSession spark, String location, String topic) {
    this.spark = spark;
    this.location = location;
    this.topic = topic;
  }

  String location() {
    return location;
  }

  /** Where the next batch of the stream begins; {@link Offsets#NONE} for a new checkpoint. */
  public Offsets position() {
    // Spark makes the folders that it looks into: a run that is then refused must leave none.
    if (!exists()) {
      return Offsets.NONE;
    }
    Option<Object> planned = offsetLog().getLatestBatchId();
    if (planned.isEmpty()) {
      return initial();
    }
    long batchId = (Long) planned.get();
    boolean committed = new CommitLog(spark, location + "/commits").get(batchId).isDefined();
    if (committed) {
      return end(batchId);
    }
    return batchId == 0 ? initial() : end(batchId - 1);
  }

  /** Where this batch of the stream ends; it is on disk before the batch begins. */
  public Offsets end(long batchId) {
    Option<OffsetSeq> planned = offsetLog().get(batchId);
    if (planned.isEmpty()) {
      throw new IllegalStateException(
          "Checkpoint " + location + " does not hold the offsets of batch " + batchId);
    }
    return Offsets.ofSparkJson(planned.get().offsets().head().get().json(), topic);
  }

  /**
   * Moves the checkpoint out of the way, so that the next stream begins where it is told to.
   *
   * @return where it lies now
   */
  public String setAside() {
    Path from = new Path(location);
    Path to = new Path(location + ".set-aside-" + System.currentTimeMillis());
    try {
      if (!files(from).rename(from, to)) {
        throw new IOException("Checkpoint " + from + " cannot be renamed to " + to);
      }
      return to.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean exists() {
    Path folder = new Path(location);
    try {
      return files(folder).exists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileSystem files(Path path) throws IOException {
    return path.getFileSystem(spark.sparkContext().hadoopConfiguration());
  }

  private OffsetSeqLog offsetLog() {
    return new OffsetSeqLog(spark, location + "/offsets");
  }

  private Offsets initial() {
    var written = new KafkaSourceInitialOffsetWriter(spark, location + "/sources/0").get(0L);
    return written.isEmpty() ? Offsets.NONE : Offsets.ofSparkJson(written.get().json(), topic);
  }
}

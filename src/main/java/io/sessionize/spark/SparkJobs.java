package io.sessionize.spark;

import io.sessionize.job.Backfill;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Recompute;
import io.sessionize.job.Run;
import io.sessionize.job.RunListener;
import io.sessionize.source.KafkaReadOptions;
import org.apache.spark.sql.SparkSession;

/** Puts the commands, which are plain Java, to work on Spark, Kafka and Iceberg. */
public final class SparkJobs {
  private SparkJobs() {}

  /**
   * An hourly run.
   *
   * @param checkpointLocation of this job alone
   * @param listener told what is planned, and of each batch that is committed
   */
  public static Run<?> run(
      SparkSession spark,
      Job job,
      KafkaReadOptions source,
      String checkpointLocation,
      RunListener listener,
      CrashPoint.Probe probe) {
    SparkSession streaming = SparkSessions.forStreams(spark);
    return new Run<>(
        new SparkStore(spark, job),
        new KafkaStream(spark, streaming, source, checkpointLocation),
        job,
        listener,
        probe);
  }

  /** A recompute by hand. */
  public static Recompute<?> recompute(SparkSession spark, Job job, CrashPoint.Probe probe) {
    return new Recompute<>(new SparkStore(spark, job), job, probe);
  }

  /** A backfill by hand. */
  public static Backfill<?> backfill(
      SparkSession spark, Job job, KafkaReadOptions source, CrashPoint.Probe probe) {
    SparkSession streaming = SparkSessions.forStreams(spark);
    return new Backfill<>(
        new SparkStore(spark, job), new KafkaStream(spark, streaming, source, null), job, probe);
  }
}

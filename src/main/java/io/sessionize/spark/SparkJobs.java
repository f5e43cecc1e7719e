package io.sessionize.spark;

import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.job.Backfill;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.job.Job;
import io.sessionize.job.Rebinding;
import io.sessionize.job.Recompute;
import io.sessionize.job.Retry;
import io.sessionize.job.Run;
import io.sessionize.job.RunListener;
import io.sessionize.source.KafkaReadOptions;
import org.apache.spark.sql.SparkSession;

/** Connects the jobs, which are plain Java, with Spark, Kafka and Iceberg. */
public final class SparkJobs {
  private SparkJobs() {}

  /**
   * Creates an hourly run.
   *
   * @param checkpointLocation folder of the checkpoint, which no other job may use
   * @param listener called with the plan, and with each committed batch
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
        new SparkStore(spark, job, source.connection().registries(), source.maxBytes()),
        new KafkaStream(spark, streaming, source, checkpointLocation),
        job,
        listener,
        probe);
  }

  /**
   * Creates a run of continuous mode. The caller closes it.
   *
   * @param checkpointLocation where a checkpoint may be, which it sets aside
   * @param listener called with the plan of each pass, and with each committed batch
   */
  public static FollowingRun<?> following(
      SparkSession spark,
      Job job,
      KafkaReadOptions source,
      String checkpointLocation,
      RunListener listener,
      CrashPoint.Probe probe) {
    return new FollowingRun<>(
        SparkStore.kept(spark, job, source.connection().registries(), source.maxBytes()),
        KafkaStream.ofRanges(spark, source, checkpointLocation),
        job,
        listener,
        probe);
  }

  /** Creates the binding of the tables to another topic. */
  public static Rebinding<?> rebinding(
      SparkSession spark,
      Job job,
      KafkaReadOptions source,
      String checkpointLocation,
      CrashPoint.Probe probe) {
    return new Rebinding<>(
        new SparkStore(spark, job),
        new KafkaStream(spark, SparkSessions.forStreams(spark), source, checkpointLocation),
        job,
        probe);
  }

  /** Creates a recompute. */
  public static Recompute<?> recompute(SparkSession spark, Job job, CrashPoint.Probe probe) {
    return new Recompute<>(new SparkStore(spark, job), job, probe);
  }

  /** Creates a recompute of the session columns alone. */
  public static ColumnRecompute<?> columnRecompute(
      SparkSession spark, Job job, ColumnRecompute.Listener listener, CrashPoint.Probe probe) {
    return new ColumnRecompute<>(new SparkStore(spark, job), job, listener, probe);
  }

  /**
   * Creates a retry of rejected records.
   *
   * @param registries user of the schema registries
   */
  public static Retry<?> retry(
      SparkSession spark, Job job, RegistrySettings registries, CrashPoint.Probe probe) {
    return new Retry<>(new SparkStore(spark, job, registries, Long.MAX_VALUE), job, probe);
  }

  /** Creates a backfill. */
  public static Backfill<?> backfill(
      SparkSession spark, Job job, KafkaReadOptions source, CrashPoint.Probe probe) {
    SparkSession streaming = SparkSessions.forStreams(spark);
    return new Backfill<>(
        new SparkStore(spark, job, source.connection().registries(), Long.MAX_VALUE),
        new KafkaStream(spark, streaming, source, null),
        job,
        probe);
  }
}

package io.sessionize.job;

import io.sessionize.spark.SparkStore;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes stored sessions anew from the events that they hold, without Kafka: under a changed
 * timeout, maximum or boundary rule.
 */
public final class Recompute {
  /** The branch of the sessions table that holds the last {@code --what-if}. */
  public static final String WHAT_IF = "what_if";

  private final SparkSession spark;
  private final Job job;
  private final CrashPoint.Probe probe;

  /**
   * @param job with the rules to be used from now on
   */
  public Recompute(SparkSession spark, Job job, CrashPoint.Probe probe) {
    this.spark = spark;
    this.job = job;
    this.probe = probe;
  }

  /**
   * Does it.
   *
   * @param apply false to leave {@code main} alone and keep the result on branch {@value #WHAT_IF}
   */
  public Recomputed execute(Recomputation what, boolean apply) {
    return new Batch<>(new SparkStore(spark, job), job, probe)
        .recompute(what, apply ? null : WHAT_IF);
  }

  /**
   * What differs between before and after, day by day: columns {@code day}, and of {@code
   * sessions}, {@code average_seconds} and {@code bounce_rate} (sessions of one event) before and
   * after. Days on which nothing differs are left out.
   */
  public Dataset<Row> difference(Recomputed done) {
    TableNames names = job.names();
    return spark.sql(
        Sql.named("recompute/difference")
            .with(names)
            .with("before", Long.toString(done.before()))
            .with("after", Long.toString(done.after()))
            .text());
  }
}

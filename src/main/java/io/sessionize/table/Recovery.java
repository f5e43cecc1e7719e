package io.sessionize.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.relocated.com.google.common.collect.Iterables;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Rebuilds the commit point of the staging table from the rows of both tables, after its history
 * and its property are gone.
 *
 * <p>No on-time event can touch a row of the sessions table: the rebuilt watermark is later than
 * the end of each row plus the timeout. A watermark that is too late costs look-ups, and changes no
 * result. The next run finds the tables out of sync, and looks up the rows of all sessions in
 * staging.
 */
public final class Recovery {
  private final SparkSession spark;
  private final TableNames names;
  private final Table sessions;
  private final Table staging;
  private final Optional<RunSummary> recorded;

  /**
   * What the commit point says.
   *
   * @param next offsets at which the next run begins
   * @param watermark the assumed one
   * @param rules the assumed rules, as text
   * @param open sessions in staging
   */
  public record Recovered(Offsets next, Watermark watermark, String rules, long open) {}

  Recovery(SparkSession spark, TableNames names, Table sessions, Table staging) {
    this.spark = spark;
    this.names = names;
    this.sessions = sessions;
    this.staging = staging;
    this.recorded = Lineage.summary(sessions);
  }

  /** The rules in the newest run summary of the sessions table; empty if that is lost too. */
  public Optional<String> recordedRules() {
    return recorded.map(RunSummary::rules);
  }

  /**
   * Commits the commit point. Reads three columns of both tables.
   *
   * @param version of this job
   * @param topics id of each topic that the next run reads, by its name
   * @param next offsets at which the next run begins
   * @param rules of the rows
   * @throws Failure conflict, if another writer commits at the same time
   */
  public Recovered execute(String version, Map<String, String> topics, Offsets next, Rules rules) {
    Long openSnapshot = current(staging);
    Row open =
        rows(names.open(), openSnapshot)
            .agg(
                count(lit(1)),
                count_if(coalesce(col("published"), lit(true))),
                min("session_end_time_ms"))
            .head();
    Watermark watermark = Watermark.START.atLeast(watermarkMs(rules));
    RunSummary summary =
        new RunSummary(
            new Origin(version, Optional.empty(), 0, Work.RECOVER),
            Optional.empty(),
            Optional.empty(),
            RunSummary.known(watermark.publishedMs()),
            rules.text(),
            Optional.empty(),
            Optional.empty(),
            Map.of("open", open.getLong(0)),
            Optional.of(
                new Progress(
                    topics,
                    next,
                    next,
                    next,
                    OffsetRange.NONE,
                    watermark,
                    open.getLong(1),
                    open.isNullAt(2) ? Optional.empty() : Optional.of(open.getLong(2)))));
    commit(summary, openSnapshot);
    return new Recovered(next, watermark, rules.text(), open.getLong(0));
  }

  private long watermarkMs(Rules rules) {
    Row last = rows(names.sessions(), current(sessions)).agg(max("session_end_time_ms")).head();
    long afterRows = last.isNullAt(0) ? Watermark.NONE : last.getLong(0) + rules.timeoutMs() + 1;
    return Math.max(afterRows, recorded.flatMap(RunSummary::watermarkMs).orElse(Watermark.NONE));
  }

  private Dataset<Row> rows(String table, Long snapshot) {
    return snapshot == null
        ? spark.table(table)
        : spark.read().option("snapshot-id", snapshot).table(table);
  }

  private static Long current(Table table) {
    return table.currentSnapshot() == null ? null : table.currentSnapshot().snapshotId();
  }

  private void commit(RunSummary summary, Long openSnapshot) {
    long belongsTo = Lineage.contentSnapshot(sessions.currentSnapshot(), sessions);
    // Nobody knows whether the tables were in sync. After this commit they are not, so that the
    // next run looks up every session of staging.
    onTopOf(current(sessions), sessions.newAppend()).commit();
    Transaction transaction = staging.newTransaction();
    AppendFiles nothing = onTopOf(openSnapshot, transaction.newAppend());
    summary.toProperties(belongsTo).forEach(nothing::set);
    nothing.commit();
    transaction
        .updateProperties()
        .set(CommitPoint.PROPERTY, CommitPoint.of(transaction.table().currentSnapshot()).text())
        .commit();
    transaction.commitTransaction();
  }

  private static AppendFiles onTopOf(Long snapshot, AppendFiles update) {
    return update.validateWith(
        ancestors ->
            Objects.equals(
                snapshot,
                Iterables.getFirst(Iterables.transform(ancestors, Snapshot::snapshotId), null)));
  }
}

package io.sessionize.history;

import static org.apache.spark.sql.functions.expr;

import io.sessionize.row.SessionRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Days;
import io.sessionize.table.Lineage;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The snapshots that led to where both tables stand, who made them, and what stood in them. */
public final class PastSnapshots {
  private final SparkSession spark;
  private final TableNames names;
  private final Table sessions;
  private final Table open;

  /**
   * A snapshot.
   *
   * @param table that it is one of, as people read it
   * @param parent the snapshot before it, or null
   * @param operation Iceberg's word for what it did
   * @param summary null where it was made by others
   * @param isMaintenance whether it only repeats what an older snapshot says
   */
  public record Commit(
      String table,
      long id,
      Long parent,
      Instant time,
      String operation,
      RunSummary summary,
      boolean isMaintenance) {

    /** Whether a run or a backfill made it, rather than the creation of the tables. */
    public boolean isOfRun() {
      return summary != null && !isMaintenance && !summary.to().isEmpty();
    }

    /** Whether somebody else made it, and did more than to move rows. */
    public boolean isForeign() {
      return summary == null && !DataOperations.REPLACE.equals(operation);
    }
  }

  public PastSnapshots(SparkSession spark, TableNames names, Table sessions, Table open) {
    this.spark = spark;
    this.names = names;
    this.sessions = sessions;
    this.open = open;
  }

  /** Of the sessions table, the oldest first. */
  public List<Commit> sessions() {
    return commits(sessions, names.sessions());
  }

  /** Of the staging table, the oldest first. */
  public List<Commit> open() {
    return commits(open, names.open());
  }

  /**
   * What a batch built on.
   *
   * @param batch its commit of the sessions table
   * @return nothing, where these snapshots, or what they say, were expired
   */
  public Optional<Base> base(Commit batch) {
    Snapshot before = batch.parent() == null ? null : sessions.snapshot(batch.parent());
    long openSnapshot = batch.summary().openSnapshot();
    if (before == null || open.snapshot(openSnapshot) == null) {
      return Optional.empty();
    }
    Optional<RunSummary> published = Lineage.summary(sessions, before.snapshotId());
    return Lineage.summary(open, openSnapshot)
        .map(
            staging ->
                new Base(
                    before.snapshotId(),
                    openSnapshot,
                    published,
                    staging,
                    published.isEmpty()
                        || Lineage.content(before, sessions) != staging.sessionsSnapshot()));
  }

  /** What stood in the sessions table, with the columns of {@link SessionRows#SESSION}. */
  public Dataset<Row> sessions(long snapshot) {
    return at(names.sessions(), snapshot, SessionRows.SESSION);
  }

  /** What stood in staging: the same columns, and {@code published}. */
  public Dataset<Row> open(long snapshot) {
    return at(names.open(), snapshot, SessionRows.OPEN);
  }

  /** The rejected records of these UTC days, as they stand now. */
  public Dataset<Row> rejected(Collection<LocalDate> days) {
    return spark.table(names.rejected()).where(Days.condition("record_time", days));
  }

  /**
   * A condition on rows of the sessions table: true for all that a commit has changed, and for
   * those of these UTC days. It prunes files, where the table is partitioned by day.
   */
  public Column touched(Commit commit, Collection<LocalDate> more) {
    return ChangedDays.of(sessions, sessions.snapshot(commit.id())).orOn(more);
  }

  /** A condition on rows of the sessions table: true for those of these UTC days. */
  public static Column on(Collection<LocalDate> days) {
    return expr(Days.condition("session_start", days));
  }

  private Dataset<Row> at(String table, long snapshot, StructType columns) {
    return SessionRows.fit(spark.read().option("snapshot-id", snapshot).table(table), columns);
  }

  private static List<Commit> commits(Table table, String name) {
    List<Commit> commits = new ArrayList<>();
    StreamSupport.stream(SnapshotUtil.currentAncestors(table).spliterator(), false)
        .map(snapshot -> commit(snapshot, TableNames.plain(name)))
        .forEach(commits::add);
    Collections.reverse(commits);
    return commits;
  }

  private static Commit commit(Snapshot snapshot, String table) {
    return new Commit(
        table,
        snapshot.snapshotId(),
        snapshot.parentId(),
        Instant.ofEpochMilli(snapshot.timestampMillis()),
        snapshot.operation(),
        RunSummary.isIn(snapshot.summary()) ? RunSummary.ofProperties(snapshot.summary()) : null,
        RunSummary.repeatedFor(snapshot.summary()).isPresent());
  }
}

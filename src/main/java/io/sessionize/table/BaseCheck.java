package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.util.Optional;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the base of a batch, and checks that the sessions table and staging belong together. */
final class BaseCheck {
  private static final Logger LOG = LoggerFactory.getLogger(BaseCheck.class);

  private final TableNames names;

  BaseCheck(TableNames names) {
    this.names = names;
  }

  /**
   * Returns the current snapshots of both tables as the base of a batch.
   *
   * @throws Failure broken, if they do not belong together, or have no Sessionize commit
   */
  Base base(Table open, Table sessions) {
    Base base = found(open, sessions);
    requireTogether(base, open, sessions);
    return base;
  }

  /**
   * Returns the current snapshots of both tables, whether or not they belong together.
   *
   * @throws Failure broken, if they have no Sessionize commit
   */
  Base found(Table open, Table sessions) {
    requireSnapshot(sessions);
    RunSummary summary =
        Lineage.summary(open).orElseThrow(() -> Lineage.withoutCommitPoint(names.open()));
    return Lineage.base(
        sessions.currentSnapshot(), sessions, open.currentSnapshot().snapshotId(), open, summary);
  }

  /**
   * Checks that a sessions table without a staging table has never been used.
   *
   * @throws Failure broken, if a run has committed to it, or it holds rows
   */
  void requireUnused(Table sessions) {
    RunSummary summary =
        Lineage.summary(sessions).orElseThrow(() -> Lineage.withoutCommit(names.sessions()));
    if (summary.run().isPresent() || holdsRows(sessions)) {
      throw Failure.broken(
          "%s holds sessions, but the staging table %s is missing, or is empty and has no"
              + " history: restore it, rebuild its commit point with recover, or give another"
              + " --iceberg-table.",
          TableNames.plain(names.sessions()), TableNames.plain(names.open()));
    }
  }

  private static boolean holdsRows(Table table) {
    Snapshot current = table.currentSnapshot();
    return !"0".equals(current.summary().getOrDefault(SnapshotSummary.TOTAL_RECORDS_PROP, "0"));
  }

  private void requireTogether(Base base, Table open, Table sessions) {
    if (base.sessions().isEmpty()) {
      requireNoCommitPoint(sessions);
      LOG.warn(
          "{} has no Sessionize commit in its history any more: its rows are complete, and the run"
              + " continues from the staging table",
          TableNames.plain(names.sessions()));
    }
    long belongsTo = Lineage.sessionsSnapshot(base.open());
    long content = Lineage.contentSnapshot(sessions.currentSnapshot(), sessions);
    if (content != belongsTo) {
      requireSameHistory(base, sessions, open);
      requireStagingNotRolledBack(sessions, open);
    }
  }

  /**
   * Returns the base with the current snapshots, if all commits since only moved rows.
   *
   * @throws Failure conflict, if the rows of a table have changed
   */
  Base moved(Base base, Table open, Table sessions) {
    long sessionsSnapshot = sessions.currentSnapshot().snapshotId();
    long openSnapshot = open.currentSnapshot().snapshotId();
    if (!Lineage.onlyMoved(sessions, base.sessionsSnapshot(), sessionsSnapshot)
        || !Lineage.onlyMoved(open, base.openSnapshot(), openSnapshot)) {
      throw Failure.conflict(
          null,
          "Another writer has changed %s since this batch began: nothing of this batch was"
              + " published. Run again.",
          TableNames.plain(names.sessions()));
    }
    return new Base(
        sessionsSnapshot,
        openSnapshot,
        base.sessions(),
        base.open(),
        base.outOfSync(),
        base.definitions(),
        base.columns());
  }

  /**
   * Checks that a table has a snapshot.
   *
   * @throws Failure broken, if it has none
   */
  void requireSnapshot(Table sessions) {
    if (sessions.currentSnapshot() == null) {
      throw Lineage.withoutCommit(names.sessions());
    }
  }

  /** Refuses a table that may have been rolled back to an older compaction. */
  private void requireNoCommitPoint(Table sessions) {
    if (CommitPoint.in(sessions).isPresent()) {
      throw Failure.broken(
          "Neither the snapshots nor the metadata files of %s show whether it still has the rows of"
              + " its last run. If it was rolled back, roll back staging to the same run. If not,"
              + " unset its property %s. Then run again.",
          TableNames.plain(names.sessions()), CommitPoint.PROPERTY);
    }
  }

  private void requireSameHistory(Base base, Table sessions, Table open) {
    long belongsTo = Lineage.sessionsSnapshot(base.open());
    // If expiry has removed the older snapshots, the base in the newest summary decides.
    boolean isSame =
        base.sessions().isEmpty()
            || Lineage.descendsFrom(sessions, belongsTo)
            || Lineage.isBuiltOn(base.sessions().get(), open);
    if (!isSame) {
      throw Failure.broken(
          "%s is at snapshot %d, which does not descend from %d, to which the staging table %s"
              + " belongs: one of the two was rolled back alone. Roll back the other to the same"
              + " run.",
          TableNames.plain(names.sessions()),
          Lineage.contentSnapshot(sessions.currentSnapshot(), sessions),
          belongsTo,
          TableNames.plain(names.open()));
    }
  }

  /**
   * Refuses staging that was rolled back alone: it has been at a later commit point, and the
   * sessions table still has the sessions of that point. After a crash between the two commits,
   * staging never reached that point.
   */
  private void requireStagingNotRolledBack(Table sessions, Table open) {
    CommitPoint.in(open)
        .ifPresent(
            point ->
                requireNotLeft(
                    point.snapshotId(), RunSummary.ofProperties(point.summary()), sessions, open));
    for (HistoryEntry entry : open.history()) {
      Optional.ofNullable(open.snapshot(entry.snapshotId()))
          .map(Snapshot::summary)
          .filter(RunSummary::isIn)
          .ifPresent(
              summary ->
                  requireNotLeft(
                      entry.snapshotId(), RunSummary.ofProperties(summary), sessions, open));
    }
  }

  /** Checks that staging still descends from a commit point that it had. */
  private void requireNotLeft(long commitPoint, RunSummary summary, Table sessions, Table open) {
    long now = open.currentSnapshot().snapshotId();
    long belongsTo = Lineage.sessionsSnapshot(summary);
    if (!SnapshotUtil.isAncestorOf(open, now, commitPoint)
        && !Lineage.descendsFrom(open, commitPoint)
        && Lineage.descendsFrom(sessions, belongsTo)) {
      throw Failure.broken(
          "The staging table %s is at snapshot %d, but %s belongs to its snapshot %d: one of the"
              + " two was rolled back alone. Roll back the other to the same run.",
          TableNames.plain(names.open()), now, TableNames.plain(names.sessions()), commitPoint);
    }
  }
}

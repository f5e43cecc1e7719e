package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Finds the newest run summary in the history of a table. It sees through commits that only move
 * rows (compaction), and repeats the summary before expiry removes it.
 */
public final class Lineage {
  private Lineage() {}

  /**
   * Whether a snapshot is a Sessionize commit, and neither a maintenance commit nor an external
   * one.
   */
  public static boolean isRunCommit(Snapshot snapshot) {
    return RunSummary.isIn(snapshot.summary())
        && RunSummary.repeatedFor(snapshot.summary()).isEmpty();
  }

  private static Map<String, String> newestSummary(Table table, String name) {
    return StreamSupport.stream(SnapshotUtil.currentAncestors(table).spliterator(), false)
        .map(Snapshot::summary)
        .filter(RunSummary::isIn)
        .findFirst()
        .orElseThrow(() -> withoutCommit(name));
  }

  /** Makes the failure for a table whose history has no Sessionize commit. */
  static Failure withoutCommit(String name) {
    return Failure.broken(
        "%s has no Sessionize commit: it is missing, was made by something else, or its history was expired."
            + " Restore it, or give another --iceberg-table.",
        TableNames.plain(name));
  }

  /** Returns the newest run summary in the ancestry of the current snapshot, itself included. */
  public static Optional<RunSummary> summary(Table table) {
    Snapshot current = table.currentSnapshot();
    return current == null ? Optional.empty() : summary(table, current.snapshotId());
  }

  /** Returns the newest run summary in a snapshot's ancestry, itself included. */
  public static Optional<RunSummary> summary(Table table, long snapshotId) {
    Iterable<Snapshot> ancestors = SnapshotUtil.ancestorsOf(snapshotId, table::snapshot);
    return StreamSupport.stream(ancestors.spliterator(), false)
        .filter(snapshot -> RunSummary.isIn(snapshot.summary()))
        .findFirst()
        .map(snapshot -> RunSummary.ofProperties(snapshot.summary()));
  }

  /**
   * Returns the base of a batch that builds on these two snapshots.
   *
   * @param snapshot of the sessions table
   * @param open run summary of the staging table at its snapshot
   */
  public static Base base(Snapshot snapshot, Table sessions, long openSnapshot, RunSummary open) {
    Optional<RunSummary> summary = summary(sessions, snapshot.snapshotId());
    boolean outOfSync =
        summary.isEmpty() || contentSnapshot(snapshot, sessions) != sessionsSnapshot(open);
    return new Base(snapshot.snapshotId(), openSnapshot, summary, open, outOfSync);
  }

  /**
   * Returns the id of the snapshot that last changed the rows of the table. Compaction only moves
   * rows, so it does not count.
   */
  public static long contentSnapshot(Snapshot snapshot, Table table) {
    Snapshot at = snapshot;
    while (true) {
      OptionalLong repeated = RunSummary.repeatedFor(at.summary());
      if (repeated.isPresent()) {
        return repeated.getAsLong();
      }
      if (!DataOperations.REPLACE.equals(at.operation())) {
        return at.snapshotId();
      }
      Snapshot parent = table.snapshot(at.parentId());
      if (parent == null) {
        return at.parentId();
      }
      at = parent;
    }
  }

  /** Returns the snapshot of the sessions table that staging with this summary belongs to. */
  public static long sessionsSnapshot(RunSummary open) {
    return open.sessionsSnapshot()
        .orElseThrow(
            () ->
                Failure.broken(
                    "The staging table's snapshot summary lacks sessionize.sessions-snapshot."));
  }

  /** Whether the sessions table was built on the current state of this staging table. */
  public static boolean isBuiltOn(RunSummary sessions, Table open) {
    Snapshot current = open.currentSnapshot();
    return sessions
        .openSnapshot()
        .filter(built -> built == current.snapshotId() || built == contentSnapshot(current, open))
        .isPresent();
  }

  /**
   * Commits a snapshot without changes that repeats the newest summary. Then the current snapshot
   * holds all that the next run needs, and the snapshots before it can be expired.
   *
   * @param more properties that replace repeated ones
   * @throws Failure conflict, if another writer committed first; broken, if there is no summary to
   *     repeat
   */
  public static void repeatSummary(Table table, String name, Map<String, String> more) {
    table.refresh();
    Snapshot current = table.currentSnapshot();
    AppendFiles nothing = table.newAppend();
    RunSummary.repeated(newestSummary(table, name), contentSnapshot(current, table))
        .forEach(nothing::set);
    more.forEach(nothing::set);
    // Not on top of a newer commit, which has a newer summary of its own.
    nothing.validateWith(
        ancestors -> ancestors.iterator().next().snapshotId() == current.snapshotId());
    try {
      nothing.commit();
    } catch (ValidationException e) {
      throw Failure.conflict(
          e,
          "A run has changed %s while it was maintained. Nothing is lost: run maintain again.",
          TableNames.plain(name));
    }
  }
}

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
 * Reads a table's history where compaction has moved rows and expiry has cut it short, and keeps
 * alive what has to be read there.
 */
public final class Lineage {
  private Lineage() {}

  /** Whether a snapshot was made by a run, and not by maintenance or by somebody else. */
  public static boolean isOfARun(Snapshot snapshot) {
    return RunSummary.isIn(snapshot.summary())
        && RunSummary.repeatedFor(snapshot.summary()).isEmpty();
  }

  private static Map<String, String> newestSummary(Table table, String name) {
    return StreamSupport.stream(SnapshotUtil.currentAncestors(table).spliterator(), false)
        .map(Snapshot::summary)
        .filter(RunSummary::isIn)
        .findFirst()
        .orElseThrow(() -> notOurs(name));
  }

  /** What to say of a table that no run of ours has made. */
  static Failure notOurs(String name) {
    return Failure.broken(
        "%s has no snapshot of ours: it is missing, was made by something else, or its history was expired."
            + " Restore it, or give another --iceberg-table.",
        TableNames.plain(name));
  }

  /** What the newest snapshot of ours says that the current one descends from, or is. */
  public static Optional<RunSummary> summary(Table table) {
    Snapshot current = table.currentSnapshot();
    return current == null ? Optional.empty() : summary(table, current.snapshotId());
  }

  /** The newest summary of ours in a snapshot's ancestry, itself included. */
  public static Optional<RunSummary> summary(Table table, long snapshotId) {
    Iterable<Snapshot> ancestors = SnapshotUtil.ancestorsOf(snapshotId, table::snapshot);
    return StreamSupport.stream(ancestors.spliterator(), false)
        .filter(snapshot -> RunSummary.isIn(snapshot.summary()))
        .findFirst()
        .map(snapshot -> RunSummary.ofProperties(snapshot.summary()));
  }

  /**
   * The base of a batch that was built on these two snapshots.
   *
   * @param open the summary of the staging table at its snapshot
   */
  public static Base base(Snapshot snapshot, Table sessions, long openSnapshot, RunSummary open) {
    Optional<RunSummary> summary = summary(sessions, snapshot.snapshotId());
    boolean outOfSync = summary.isEmpty() || content(snapshot, sessions) != open.sessionsSnapshot();
    return new Base(snapshot.snapshotId(), openSnapshot, summary, open, outOfSync);
  }

  /** The snapshot that last changed what the table held: compaction only moves rows. */
  public static long content(Snapshot snapshot, Table table) {
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

  /** Whether the sessions table was built on this very staging table, as it stands. */
  public static boolean isBuiltOn(RunSummary sessions, Table open) {
    Snapshot current = open.currentSnapshot();
    return sessions.openSnapshot() == current.snapshotId()
        || sessions.openSnapshot() == content(current, open);
  }

  /**
   * Commits a snapshot that changes nothing and repeats the newest summary, so that the current
   * snapshot says all that the next run has to know, and those before it may go.
   *
   * @param more properties that differ from those repeated
   * @throws Failure conflict, where another writer was faster; broken, where there is no summary to
   *     repeat
   */
  public static void carryOn(Table table, String name, Map<String, String> more) {
    table.refresh();
    Snapshot current = table.currentSnapshot();
    AppendFiles nothing = table.newAppend();
    RunSummary.repeated(newestSummary(table, name), content(current, table)).forEach(nothing::set);
    more.forEach(nothing::set);
    // Not on top of a commit that has come since: its own summary is the newer one.
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

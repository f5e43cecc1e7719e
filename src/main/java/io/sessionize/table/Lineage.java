package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.event.Definitions;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work.Command;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the newest run summary in the history of a table. It sees through commits that only move
 * rows (compaction), and repeats the summary before expiry removes it. If another engine has
 * expired the history, the commit point in the table's properties takes its place.
 */
public final class Lineage {
  private static final Logger LOG = LoggerFactory.getLogger(Lineage.class);

  private Lineage() {}

  /**
   * Whether a snapshot is a Sessionize commit, and neither a maintenance commit nor an external
   * one.
   */
  public static boolean isRunCommit(Snapshot snapshot) {
    return RunSummary.isIn(snapshot.summary())
        && RunSummary.repeatedFor(snapshot.summary()).isEmpty();
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

  /** Makes the failure for a staging table that does not show what the tables have read. */
  static Failure withoutCommitPoint(String name) {
    return Failure.broken(
        "%s has no Sessionize commit: its history was expired or rolled back, or something else made it."
            + " Restore it, or rebuild its commit point with recover.",
        TableNames.plain(name));
  }

  /**
   * Returns the newest run summary in a snapshot's ancestry, itself included. If that part of the
   * history is expired, the commit point in the table's properties has it.
   */
  public static Optional<RunSummary> summary(Table table, long snapshotId) {
    return newestSummary(table, snapshotId).map(RunSummary::ofProperties);
  }

  private static Optional<Map<String, String>> newestSummary(Table table, long snapshotId) {
    Long last = null;
    for (Snapshot snapshot : Ancestry.of(table, snapshotId)) {
      if (RunSummary.isIn(snapshot.summary())) {
        return Optional.of(snapshot.summary());
      }
      last = snapshot.parentId();
    }
    if (last == null) {
      return Optional.empty();
    }
    long expired = last;
    return CommitPoint.in(table)
        .filter(point -> point.snapshotId() == expired)
        .map(CommitPoint::summary);
  }

  /**
   * Returns the base of a batch that builds on these two snapshots.
   *
   * @param snapshot of the sessions table
   * @param open the staging table, with its definitions of today
   * @param last run summary of the staging table at its snapshot
   */
  public static Base base(
      Snapshot snapshot, Table sessions, long openSnapshot, Table open, RunSummary last) {
    Optional<RunSummary> summary = summary(sessions, snapshot.snapshotId());
    boolean outOfSync =
        summary.isEmpty() || contentSnapshot(snapshot, sessions) != sessionsSnapshot(last);
    Definitions recorded = RecordedDefinitions.in(open);
    return new Base(
        snapshot.snapshotId(),
        openSnapshot,
        summary,
        last,
        outOfSync,
        recorded.isEmpty()
            ? Definitions.builtIn(last.requireProgress().topics().keySet())
            : recorded,
        ColumnProperties.in(open));
  }

  /**
   * Returns the id of the snapshot that last changed the rows of the table. Compaction only moves
   * rows, so it does not count.
   */
  public static long contentSnapshot(Snapshot snapshot, Table table) {
    Snapshot oldest = snapshot;
    for (Snapshot at : Ancestry.of(table, snapshot.snapshotId())) {
      OptionalLong repeated = RunSummary.repeatedFor(at.summary());
      if (repeated.isPresent()) {
        return repeated.getAsLong();
      }
      if (!movesOnly(at)) {
        return at.snapshotId();
      }
      oldest = at;
    }
    return oldest.parentId();
  }

  /**
   * Whether the current snapshot of a table descends from this one, even if that one is expired.
   */
  static boolean descendsFrom(Table table, long snapshotId) {
    for (Snapshot at : Ancestry.of(table, table.currentSnapshot().snapshotId())) {
      if (at.snapshotId() == snapshotId || Objects.equals(at.parentId(), snapshotId)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a batch has restated the rows of a snapshot: since, they were only moved, and session
   * columns were filled. A fill keeps all other columns as they are stored, but records the version
   * of its own job, and a definition that the tables have taken in before it.
   *
   * @param last the newest summary; the batch had its version and its definition
   * @return false also if the history does not show it
   */
  static boolean isOfRun(Table table, long snapshotId, RunSummary last) {
    for (Snapshot at : Ancestry.of(table, snapshotId)) {
      OptionalLong repeated = RunSummary.repeatedFor(at.summary());
      if (repeated.isPresent()) {
        Snapshot content = table.snapshot(repeated.getAsLong());
        return content != null && isOfRun(table, content.snapshotId(), last);
      }
      if (!movesOnly(at) && !isFill(at)) {
        return isRunCommit(at) && isMadeAs(RunSummary.ofProperties(at.summary()), last);
      }
    }
    return false;
  }

  private static boolean isMadeAs(RunSummary batch, RunSummary last) {
    return batch.origin().version().equals(last.origin().version())
        && batch
            .settings()
            .map(Settings::definition)
            .equals(last.settings().map(Settings::definition));
  }

  private static boolean isFill(Snapshot snapshot) {
    return isRunCommit(snapshot)
        && RunSummary.ofProperties(snapshot.summary()).work().command() == Command.COLUMNS;
  }

  /** Whether a snapshot has the same rows as its parent, in other files. */
  static boolean movesOnly(Snapshot snapshot) {
    return RunSummary.repeatedFor(snapshot.summary()).isPresent()
        || DataOperations.REPLACE.equals(snapshot.operation());
  }

  /**
   * Whether all commits from one snapshot to a later one only moved rows: compactions, by any
   * engine.
   *
   * @return false also if the earlier snapshot is not an ancestor of the later one
   */
  public static boolean onlyMoved(Table table, long from, long to) {
    for (Snapshot at : Ancestry.of(table, to)) {
      if (at.snapshotId() == from) {
        return true;
      }
      if (!movesOnly(at)) {
        return false;
      }
      if (Objects.equals(at.parentId(), from)) {
        return true;
      }
    }
    return false;
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
    long current = open.currentSnapshot().snapshotId();
    return sessions.openSnapshot().filter(built -> onlyMoved(open, built, current)).isPresent();
  }

  /**
   * Commits a snapshot without changes that repeats the newest summary. Then the current snapshot
   * holds all that the next run needs, and the snapshots before it can be expired. If a run commits
   * first, its own snapshot does the same, and nothing is committed.
   *
   * @param more properties that replace repeated ones
   * @throws Failure broken, if there is no summary to repeat
   */
  public static void repeatSummary(Table table, String name, Map<String, String> more) {
    table.refresh();
    Snapshot current = table.currentSnapshot();
    AppendFiles nothing = table.newAppend();
    Map<String, String> newest =
        newestSummary(table, current.snapshotId()).orElseThrow(() -> withoutCommit(name));
    RunSummary.repeated(newest, contentSnapshot(current, table)).forEach(nothing::set);
    more.forEach(nothing::set);
    // Not on top of a newer commit, which has a newer summary of its own.
    nothing.validateWith(
        ancestors -> ancestors.iterator().next().snapshotId() == current.snapshotId());
    try {
      nothing.commit();
    } catch (ValidationException e) {
      table.refresh();
      if (table.currentSnapshot().snapshotId() == current.snapshotId()) {
        throw e;
      }
      LOG.info("{} has changed meanwhile: its summary is not repeated", TableNames.plain(name));
    }
  }
}

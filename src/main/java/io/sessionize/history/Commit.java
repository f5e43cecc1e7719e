package io.sessionize.history;

import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;

/**
 * One snapshot of the sessions table or of the staging table, and what committed it.
 *
 * @param table its qualified name
 * @param id of the snapshot
 * @param parent the snapshot before it, which may have expired; empty for a table's first
 * @param at when it became the current one
 * @param operation Iceberg's operation: append, overwrite, delete or replace
 * @param summary of the run that committed it; empty for an external commit, and for a maintenance
 *     commit that repeats the summary of a commit which is still kept
 * @param progress how far the batch brought the tables, as the staging table records it; empty if
 *     the batch did not reach its commit point, or that snapshot of staging expired
 * @param isMaintenance whether {@code maintain} committed it, to repeat a summary
 */
public record Commit(
    String table,
    long id,
    Optional<Long> parent,
    Instant at,
    String operation,
    Optional<RunSummary> summary,
    Optional<Progress> progress,
    boolean isMaintenance) {

  private static final String MAINTENANCE = "maintenance";

  /** Reads a snapshot. */
  static Commit of(String table, Snapshot snapshot, Instant at) {
    Map<String, String> properties = snapshot.summary();
    Optional<RunSummary> summary =
        RunSummary.isIn(properties)
            ? Optional.of(RunSummary.ofProperties(properties))
            : Optional.empty();
    return new Commit(
        table,
        snapshot.snapshotId(),
        Optional.ofNullable(snapshot.parentId()),
        at,
        snapshot.operation(),
        summary,
        summary.flatMap(RunSummary::progress),
        RunSummary.repeatedFor(properties).isPresent());
  }

  /** The same commit without the summary that it repeats. */
  Commit withoutSummary() {
    return new Commit(
        table, id, parent, at, operation, Optional.empty(), Optional.empty(), isMaintenance);
  }

  /** The same commit with the progress that staging records of its batch. */
  Commit with(Optional<Progress> recorded) {
    return new Commit(table, id, parent, at, operation, summary, recorded, isMaintenance);
  }

  /** Whether a run, a backfill or a recompute committed it, rather than the creation of tables. */
  public boolean isOfRun() {
    return !isMaintenance && run().isPresent();
  }

  /** Whether it is an external commit that changed rows, not only moved them. */
  public boolean isExternal() {
    return summary.isEmpty() && !movesOnly();
  }

  /** Whether it has the same rows as its parent, in other files. */
  public boolean movesOnly() {
    return isMaintenance || DataOperations.REPLACE.equals(operation);
  }

  /** The id of the run that committed it; empty for any other commit. */
  public Optional<String> run() {
    return summary.flatMap(RunSummary::run);
  }

  /** Whether one run committed both. */
  public boolean isOfSameRun(Commit other) {
    return run().isPresent() && run().equals(other.run());
  }

  /** The command of the run, or the kind of commit. */
  public String what() {
    if (summary.isPresent()) {
      return summary.get().work().toString();
    }
    if (isMaintenance) {
      return MAINTENANCE;
    }
    return movesOnly() ? "compaction" : "external commit (" + operation + ")";
  }
}

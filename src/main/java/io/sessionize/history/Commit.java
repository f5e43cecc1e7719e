package io.sessionize.history;

import io.sessionize.summary.RunSummary;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;

/**
 * One snapshot of the sessions table or of the staging table, and who committed it.
 *
 * @param table its qualified name
 * @param id of the snapshot
 * @param parent the snapshot before it, which may have expired; empty for a table's first
 * @param at when it became the current one
 * @param operation Iceberg's word for what was done
 * @param summary of the run that committed it; empty for an external commit, and for a maintenance
 *     commit that repeats the summary of a commit which is still kept
 * @param isMaintenance whether {@code maintain} committed it, to repeat a summary
 */
public record Commit(
    String table,
    long id,
    Optional<Long> parent,
    Instant at,
    String operation,
    Optional<RunSummary> summary,
    boolean isMaintenance) {

  private static final String MAINTENANCE = "maintenance";

  /** Reads a snapshot. */
  static Commit of(String table, Snapshot snapshot, Instant at) {
    Map<String, String> properties = snapshot.summary();
    return new Commit(
        table,
        snapshot.snapshotId(),
        Optional.ofNullable(snapshot.parentId()),
        at,
        snapshot.operation(),
        RunSummary.isIn(properties)
            ? Optional.of(RunSummary.ofProperties(properties))
            : Optional.empty(),
        RunSummary.repeatedFor(properties).isPresent());
  }

  /** The same commit without the summary that it repeats. */
  Commit withoutSummary() {
    return new Commit(table, id, parent, at, operation, Optional.empty(), isMaintenance);
  }

  /** Whether a run, a backfill or a recompute committed it, rather than the creation of tables. */
  public boolean isOfRun() {
    return !isMaintenance && summary.filter(run -> !run.to().isEmpty()).isPresent();
  }

  /** Whether it is an external commit that did more than to move rows. */
  public boolean isExternal() {
    return summary.isEmpty() && !movesOnly();
  }

  /** Whether it holds the same rows as its parent, in other files. */
  public boolean movesOnly() {
    return isMaintenance || DataOperations.REPLACE.equals(operation);
  }

  /** Whether one run committed both. */
  public boolean isOfSameRun(Commit other) {
    String run = summary.map(RunSummary::run).orElse("");
    return !run.isEmpty() && run.equals(other.summary.map(RunSummary::run).orElse(""));
  }

  /** The command of the run, or what else committed it. */
  public String what() {
    if (summary.isPresent()) {
      return summary.get().command();
    }
    if (isMaintenance) {
      return MAINTENANCE;
    }
    return movesOnly() ? "compaction" : "by others (" + operation + ")";
  }
}

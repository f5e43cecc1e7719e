package io.sessionize.history;

import io.sessionize.summary.RunSummary;
import java.time.Instant;
import java.util.Optional;
import org.apache.iceberg.DataOperations;

/**
 * One snapshot of the sessions table, and who made it.
 *
 * @param snapshot its id
 * @param parent the id of the one before it, which may have expired; null where there was none
 * @param at when readers began to see it
 * @param operation Iceberg's word for what was done
 * @param summary what our run says about itself; empty where somebody else made it
 */
public record Commit(
    long snapshot, Long parent, Instant at, String operation, Optional<RunSummary> summary) {

  private static final String MAINTENANCE = "maintenance";

  /** Whether one run of ours made both. */
  public boolean isOfSameRun(Commit other) {
    String run = summary.map(RunSummary::run).orElse("");
    return !run.isEmpty() && run.equals(other.summary.map(RunSummary::run).orElse(""));
  }

  /** The same, without what it repeats. */
  Commit ofMaintenance() {
    return new Commit(snapshot, parent, at, MAINTENANCE, Optional.empty());
  }

  /** The command of our run, or whose work it was instead. */
  public String what() {
    return summary
        .map(RunSummary::command)
        .orElseGet(
            () ->
                switch (operation) {
                  case DataOperations.REPLACE -> "compaction";
                  case MAINTENANCE -> MAINTENANCE;
                  default -> "by others (" + operation + ")";
                });
  }

  /** Whether it holds the same rows as the one before, in other files. */
  public boolean movesOnly() {
    return DataOperations.REPLACE.equals(operation) || MAINTENANCE.equals(operation);
  }
}

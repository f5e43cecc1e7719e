package io.sessionize.table;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes branches and tags of a table, and drops the branches that crashed drivers left. */
public final class References {
  private static final Logger LOG = LoggerFactory.getLogger(References.class);
  private static final String BRANCHES = "sessionize_";

  private References() {}

  /** Returns a new name for a branch that is never published, or moved away by its publication. */
  public static String newBranch() {
    return BRANCHES + UUID.randomUUID().toString().replace("-", "");
  }

  /**
   * Commits a change of branches or tags. If another writer commits first, Iceberg retries most
   * commits but not these, so this method retries them.
   */
  public static void change(Table table, Consumer<ManageSnapshots> change) {
    CommitRetry.run(
        table,
        current -> {
          ManageSnapshots references = current.manageSnapshots();
          change.accept(references);
          references.commit();
        });
  }

  /**
   * Drops the branches that crashed drivers left. A branch can be published only if the rows of
   * {@code main} are still those on which it was created. Without such branches in the table as it
   * was last read, this reads nothing.
   */
  public static void dropStale(Table table) {
    if (table.refs().keySet().stream().noneMatch(name -> name.startsWith(BRANCHES))) {
      return;
    }
    dropIfThere(
        table,
        () -> {
          long main = table.currentSnapshot().snapshotId();
          return table.refs().entrySet().stream()
              .filter(ref -> ref.getKey().startsWith(BRANCHES))
              .filter(ref -> !isCurrent(table, table.snapshot(ref.getValue().snapshotId()), main))
              .map(Map.Entry::getKey)
              .toList();
        });
  }

  /** Whether a branch with this head, its base or the only commit on it, has the rows of main. */
  private static boolean isCurrent(Table table, Snapshot head, long main) {
    return Lineage.onlyMoved(table, head.snapshotId(), main)
        || head.parentId() != null && Lineage.onlyMoved(table, head.parentId(), main);
  }

  /** Drops those of these branches that exist. A failure is logged. */
  static void dropIfThere(Table table, Supplier<List<String>> branches) {
    try {
      change(
          table,
          references ->
              branches.get().stream()
                  .filter(table.refs()::containsKey)
                  .forEach(references::removeBranch));
    } catch (RuntimeException e) {
      // The batch has ended already. Another driver may be dropping the same branches.
      LOG.info("The next run drops the remaining branches of {}: {}", table, e.getMessage());
    }
  }
}

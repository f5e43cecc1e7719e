package io.sessionize.store;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.SnapshotUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A branch of a table on which a batch writes what nobody shall see yet.
 *
 * <p>{@link #publish} moves {@code main} to it by fast-forward: a compare-and-set on snapshots, so
 * that a driver whose base is stale publishes nothing. (Iceberg's own conflict validation looks at
 * files under a filter, not at snapshots.)
 */
public final class Branch {
  private static final Logger LOG = LoggerFactory.getLogger(Branch.class);
  private static final String PREFIX = "sessionize_";
  private static final int ATTEMPTS = 5;
  private static final int KEPT_DAYS = 7;

  private final Table table;
  private final String tableName;
  private final String name;
  private final long baseSnapshot;

  private Branch(Table table, String tableName, String name, long baseSnapshot) {
    this.table = table;
    this.tableName = tableName;
    this.name = name;
    this.baseSnapshot = baseSnapshot;
  }

  /**
   * Makes a branch that holds what the snapshot holds.
   *
   * @throws Failure conflict, where that was expired
   */
  static Branch create(Table table, String tableName, long baseSnapshot) {
    String name = PREFIX + UUID.randomUUID().toString().replace("-", "");
    Branch branch = new Branch(table, tableName, name, baseSnapshot);
    try {
      changeReferences(table, references -> references.createBranch(name, baseSnapshot));
    } catch (IllegalArgumentException | ValidationException e) {
      throw branch.conflict(e);
    }
    return branch;
  }

  /** The name under which Spark reads and writes it. */
  String qualified() {
    return tableName + "." + TableNames.quote("branch_" + name);
  }

  /**
   * The snapshot at its head.
   *
   * @throws Failure conflict, where another driver has dropped it
   */
  long snapshot() {
    if (isGone()) {
      throw conflict(null);
    }
    return table.snapshot(name).snapshotId();
  }

  /** Whether another driver has dropped it, because {@code main} has moved away from it. */
  boolean isGone() {
    table.refresh();
    return !table.refs().containsKey(name);
  }

  /**
   * Makes sure that it can still be published.
   *
   * @throws Failure conflict, where {@code main} is no longer what the branch was made from
   */
  void requireBase() {
    table.refresh();
    if (hasLostBase()) {
      throw conflict(null);
    }
  }

  private boolean hasLostBase() {
    return table.currentSnapshot().snapshotId() != baseSnapshot;
  }

  /** Commits a snapshot that changes nothing but says what it has to say. */
  void commitSummary(Map<String, String> summary) {
    AppendFiles nothing = table.newAppend().toBranch(name);
    summary.forEach(nothing::set);
    nothing.commit();
  }

  /**
   * Moves {@code main} here and drops the branch.
   *
   * @throws Failure conflict, where {@code main} is no longer what the branch was made from
   */
  void publish() {
    try {
      changeReferences(
          table,
          references -> {
            // Not left to the fast-forward alone: a commit to a branch that another driver has
            // dropped makes it anew, as a child of what main is by then.
            if (hasLostBase()) {
              throw conflict(null);
            }
            references.fastForwardBranch(SnapshotRef.MAIN_BRANCH, name).removeBranch(name);
          });
    } catch (IllegalArgumentException | CommitFailedException e) {
      throw conflict(e);
    }
  }

  /** Keeps what it holds under another name, for {@value #KEPT_DAYS} days, and returns its head. */
  long keepAs(String other) {
    long head = snapshot();
    changeReferences(
        table,
        references -> {
          if (table.refs().containsKey(other)) {
            references.replaceBranch(other, head);
          } else {
            references.createBranch(other, head);
          }
          references.setMaxRefAgeMs(other, Duration.ofDays(KEPT_DAYS).toMillis());
        });
    return head;
  }

  /** What ends a batch whose base is stale. */
  Failure conflict(Throwable cause) {
    return Failure.conflict(
        cause,
        "Another writer has changed %s since this batch began: nothing of this batch was published there."
            + " Run again.",
        TableNames.plain(tableName));
  }

  /** Drops the branch without publishing it, where it still is. */
  void drop() {
    dropIfThere(table, () -> List.of(name));
  }

  /**
   * Drops the branches that crashed drivers left: those that {@code main} has moved away from can
   * never be published.
   */
  static void dropDead(Table table) {
    dropIfThere(
        table,
        () -> {
          long main = table.currentSnapshot().snapshotId();
          return table.refs().entrySet().stream()
              .filter(ref -> ref.getKey().startsWith(PREFIX))
              .filter(ref -> !SnapshotUtil.isAncestorOf(table, ref.getValue().snapshotId(), main))
              .map(Map.Entry::getKey)
              .toList();
        });
  }

  private static void dropIfThere(Table table, Supplier<List<String>> branches) {
    try {
      changeReferences(
          table,
          references ->
              branches.get().stream()
                  .filter(table.refs()::containsKey)
                  .forEach(references::removeBranch));
    } catch (RuntimeException e) {
      // The batch has ended already; another driver may be clearing up as well.
      LOG.info("Branches of {} are left to the next run: {}", table, e.getMessage());
    }
  }

  /**
   * Commits a change of branches. Iceberg tries most commits again where another writer was faster,
   * but gives these up, though nothing stands against them.
   */
  static void changeReferences(Table table, Consumer<ManageSnapshots> change) {
    for (int attempt = 1; ; attempt++) {
      table.refresh();
      ManageSnapshots references = table.manageSnapshots();
      change.accept(references);
      try {
        references.commit();
        return;
      } catch (CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}

package io.sessionize.store;

import io.sessionize.Failure;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
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

  /** Makes a branch that holds what the snapshot holds. */
  static Branch create(Table table, String tableName, long baseSnapshot) {
    Branch branch =
        new Branch(
            table, tableName, PREFIX + UUID.randomUUID().toString().replace("-", ""), baseSnapshot);
    table.manageSnapshots().createBranch(branch.name, baseSnapshot).commit();
    return branch;
  }

  /** The name under which Spark reads and writes it. */
  String qualified() {
    return tableName + "." + TableNames.quote("branch_" + name);
  }

  /**
   * The snapshot at its head: the one commit that was made on it.
   *
   * @throws Failure conflict, where the branch was dropped under us. (A commit to a branch that is
   *     gone makes it anew, from {@code main}: such a head has another parent.)
   */
  long snapshot() {
    table.refresh();
    Snapshot head = table.snapshot(name);
    if (head == null || !Objects.equals(head.parentId(), baseSnapshot)) {
      throw conflict(null);
    }
    return head.snapshotId();
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
    snapshot();
    try {
      table
          .manageSnapshots()
          .fastForwardBranch(SnapshotRef.MAIN_BRANCH, name)
          .removeBranch(name)
          .commit();
    } catch (IllegalArgumentException | CommitFailedException e) {
      throw conflict(e);
    }
  }

  private Failure conflict(Exception cause) {
    return Failure.conflict(
        cause,
        "Another writer has changed %s since this batch began: nothing of this batch was published there."
            + " Run again.",
        TableNames.plain(tableName));
  }

  /** Drops the branch without publishing it, where it still is. */
  void drop() {
    table.refresh();
    if (table.refs().containsKey(name)) {
      table.manageSnapshots().removeBranch(name).commit();
    }
  }

  /**
   * Drops the branches that crashed drivers left: those that {@code main} has moved away from can
   * never be published.
   */
  static void dropDead(Table table) {
    table.refresh();
    long main = table.currentSnapshot().snapshotId();
    List<String> dead =
        table.refs().entrySet().stream()
            .filter(ref -> ref.getKey().startsWith(PREFIX))
            .filter(ref -> !SnapshotUtil.isAncestorOf(table, ref.getValue().snapshotId(), main))
            .map(Map.Entry::getKey)
            .toList();
    if (!dead.isEmpty()) {
      ManageSnapshots change = table.manageSnapshots();
      dead.forEach(change::removeBranch);
      try {
        change.commit();
      } catch (RuntimeException e) {
        // The batch is done; another driver may be clearing up as well.
        LOG.info("Branches {} of {} are left to the next run: {}", dead, table, e.getMessage());
      }
    }
  }
}

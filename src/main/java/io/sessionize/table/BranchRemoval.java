package io.sessionize.table;

import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Removes a branch that was not published, together with the snapshot at its head. Some readers
 * take the newest snapshot of a table's metadata, on whatever branch, instead of {@code main}.
 * While the snapshot is there, they read it.
 */
public final class BranchRemoval {
  private BranchRemoval() {}

  /** Removes the branch if it exists. Its data files are left to the removal of orphan files. */
  public static void remove(Table table, String branch) {
    table.refresh();
    SnapshotRef ref = table.refs().get(branch);
    if (ref == null) {
      return;
    }
    References.change(table, references -> references.removeBranch(branch));
    // A branch without a commit of its own is at a snapshot of main's history.
    boolean isHeld =
        table.refs().values().stream()
            .anyMatch(
                other -> SnapshotUtil.isAncestorOf(table, other.snapshotId(), ref.snapshotId()));
    if (!isHeld) {
      table
          .expireSnapshots()
          .expireSnapshotId(ref.snapshotId())
          // By default, all snapshots of five days ago would be expired too.
          .expireOlderThan(0)
          .cleanupLevel(ExpireSnapshots.CleanupLevel.NONE)
          .commit();
    }
  }
}

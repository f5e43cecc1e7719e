package io.sessionize.table;

import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Removes a branch that was not published, together with the snapshot at its head, in one commit.
 *
 * <p>While the snapshot is there, readers that take the newest snapshot of a table's metadata, on
 * whatever branch, read it. And while two snapshots hold a file, of which one is in no branch, the
 * expiry of some engines deletes the file.
 */
public final class BranchRemoval {
  private BranchRemoval() {}

  /** Removes the branch if it exists. Its data files are left to the removal of orphan files. */
  public static void remove(Table table, String branch) {
    CommitRetry.run(
        table,
        current -> {
          SnapshotRef removed = current.refs().get(branch);
          if (removed != null) {
            remove(current, branch, removed.snapshotId());
          }
        });
    table.refresh();
  }

  private static void remove(Table table, String branch, long head) {
    // Iceberg's expiry of a snapshot would also drop tags and branches that are past their age.
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata metadata = operations.current();
    TableMetadata without = TableMetadata.buildFrom(metadata).removeRef(branch).build();
    // A branch without a commit of its own is at a snapshot of main's history.
    boolean isHeld =
        without.refs().values().stream()
            .anyMatch(other -> SnapshotUtil.isAncestorOf(table, other.snapshotId(), head));
    operations.commit(
        metadata,
        isHeld ? without : without.removeSnapshotsIf(snapshot -> snapshot.snapshotId() == head));
  }
}

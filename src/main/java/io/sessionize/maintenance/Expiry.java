package io.sessionize.maintenance;

import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.summary.TableNames;
import io.sessionize.table.References;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.DeleteOrphanFiles;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.spark.actions.DeleteOrphanFilesSparkAction;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.sql.SparkSession;

/** Drops old snapshots, expired tags and orphan files of a table. */
public final class Expiry {
  /** A younger file may belong to a running driver that has not committed it yet. */
  private static final long MIN_ORPHAN_AGE_MS = TimeUnit.DAYS.toMillis(3);

  private final SparkSession spark;
  private final Table table;
  private final String name;
  private final boolean dryRun;

  Expiry(SparkSession spark, Table table, String name, boolean dryRun) {
    this.spark = spark;
    this.table = table;
    this.name = TableNames.plain(name);
    this.dryRun = dryRun;
  }

  /**
   * Expires snapshots that no tag and no branch holds; the current snapshot stays. Reads manifests
   * in this process. Iceberg's Spark action starts a task for each snapshot. With a thousand
   * snapshots it takes more than ten times as long.
   *
   * @param olderThanMs expires snapshots before this time, epoch milliseconds
   * @param tagged snapshots that stay, because a tag will hold them
   */
  MaintenanceStep snapshots(long olderThanMs, Set<Long> tagged) {
    if (!dryRun) {
      References.dropStale(table);
    }
    table.refresh();
    List<String> expiredTags = expiredTags();
    List<Snapshot> expired = expiry(olderThanMs).apply();
    long before = count();
    long after = before - expired.stream().filter(s -> !tagged.contains(s.snapshotId())).count();
    if (!dryRun && !(expired.isEmpty() && expiredTags.isEmpty())) {
      expire(olderThanMs, expired);
      table.refresh();
      after = count();
    }
    return new MaintenanceStep(name, Kind.SNAPSHOTS, before, after, 0, expiredTags);
  }

  /**
   * Expires snapshots, and deletes the files that no snapshot reaches any more. Without a snapshot
   * that is named, Iceberg may choose the files by what the expired commits have deleted. That
   * leaves files that a kept commit has deleted, deletes a Puffin file that holds other deletion
   * vectors too, and continues if a manifest list cannot be read.
   */
  private void expire(long olderThanMs, List<Snapshot> expired) {
    ExpireSnapshots expiry = expiry(olderThanMs);
    if (expired.isEmpty()) {
      expiry.cleanupLevel(ExpireSnapshots.CleanupLevel.NONE);
    } else {
      expiry.expireSnapshotId(expired.get(0).snapshotId());
    }
    expiry.commit();
  }

  private ExpireSnapshots expiry(long olderThanMs) {
    return table.expireSnapshots().expireOlderThan(olderThanMs).retainLast(1);
  }

  /**
   * Deletes orphan files: files in the table's folders that no snapshot references. Crashed drivers
   * left them uncommitted. Runs a Spark job.
   *
   * @param nowMs current time, epoch milliseconds
   */
  MaintenanceStep orphans(long nowMs) {
    DeleteOrphanFilesSparkAction action =
        SparkActions.get(spark)
            .deleteOrphanFiles(table)
            .olderThan(nowMs - MIN_ORPHAN_AGE_MS)
            .usePrefixListing(table.io() instanceof SupportsPrefixOperations);
    if (dryRun) {
      action.deleteWith(file -> {});
    }
    DeleteOrphanFiles.Result result = action.execute();
    List<String> files = new ArrayList<>();
    result.orphanFileLocations().forEach(files::add);
    return new MaintenanceStep(
        name, Kind.ORPHAN_FILES, files.size(), dryRun ? files.size() : 0, 0, files);
  }

  private long count() {
    return StreamSupport.stream(table.snapshots().spliterator(), false).count();
  }

  /** Returns the tags that Iceberg drops with the next expiry. */
  private List<String> expiredTags() {
    return table.refs().entrySet().stream()
        .filter(reference -> reference.getValue().isTag() && isExpired(reference.getValue()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private boolean isExpired(SnapshotRef tag) {
    long madeMs = table.snapshot(tag.snapshotId()).timestampMillis();
    return tag.maxRefAgeMs() != null && System.currentTimeMillis() - madeMs > tag.maxRefAgeMs();
  }
}

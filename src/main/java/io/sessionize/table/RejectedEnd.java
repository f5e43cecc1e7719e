package io.sessionize.table;

import static org.apache.spark.sql.functions.max;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a driver that commits batch after batch knows of the rejected table: from which offset on it
 * holds no record. Records from there on are appended without a look for those that are stored: in
 * continuous mode that would read a file of each batch since the slowest partition was there.
 *
 * <p>The knowledge ends with the next change of rows by another writer.
 */
final class RejectedEnd {
  private long snapshot;
  private final Map<Partition, Long> ends = new TreeMap<>();

  /**
   * Whether the table holds no record of these offsets.
   *
   * @param table as it is now
   */
  boolean isBefore(OffsetRange offsets, Table table) {
    if (!Lineage.onlyMoved(table, snapshot, table.currentSnapshot().snapshotId())) {
      ends.clear();
    }
    return offsets.from().next().entrySet().stream()
        .allMatch(first -> ends.getOrDefault(first.getKey(), Long.MAX_VALUE) <= first.getValue());
  }

  /**
   * Remembers that records of these offsets were merged into the table. Another writer may have
   * stored later ones, for example a backfill, so it looks for them. Runs Spark jobs.
   *
   * @param rows of the table at this snapshot
   */
  void merged(OffsetRange offsets, long at, Dataset<Row> rows) {
    stored(offsets, at);
    rows.where(OffsetCondition.after(new Offsets(ends)))
        .groupBy("topic", "partition")
        .agg(max("offset"))
        .collectAsList()
        .forEach(
            row ->
                ends.computeIfPresent(
                    new Partition(row.getString(0), row.getInt(1)),
                    (partition, end) -> Math.max(end, row.getLong(2) + 1)));
  }

  /** Remembers that records of these offsets are stored. */
  void stored(OffsetRange offsets, long at) {
    ends.putAll(offsets.to().next());
    snapshot = at;
  }
}

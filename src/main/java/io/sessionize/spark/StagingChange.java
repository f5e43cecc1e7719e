package io.sessionize.spark;

import io.sessionize.job.OutcomeStats;
import io.sessionize.row.RowSchemas;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.OutcomeFilter;
import io.sessionize.spark.internal.RowDeletes;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.StagedRows;
import io.sessionize.spark.internal.StagedScan;
import io.sessionize.spark.internal.UserFilter;
import io.sessionize.spark.internal.UserShuffle;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import io.sessionize.table.StagingDelta;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.sketch.BloomFilter;
import scala.Tuple2;

/**
 * The rows of staging that a batch takes out: all rows of each user who has an event in the batch
 * or a session that closes, and of a few others. All other rows stay as they are. The rows of a
 * user are taken out together, since the close reason of a session depends on the next one.
 */
final class StagingChange implements AutoCloseable {
  private final StagedRows staging;
  private final StagedScan all;
  private final JavaRDD<RowKey> keys;
  private final Taken taken = new Taken();

  /** Counts of the rows that are taken out. */
  private static final class Taken implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Map<Integer, Long> ofFiles = new HashMap<>();
    private long rows;
    private long published;

    Taken add(RowKey row) {
      ofFiles.merge(row.file(), 1L, Long::sum);
      rows++;
      published += row.published() ? 1 : 0;
      return this;
    }

    Taken add(Taken other) {
      other.ofFiles.forEach((file, count) -> ofFiles.merge(file, count, Long::sum));
      rows += other.rows;
      published += other.published;
      return this;
    }
  }

  private StagingChange(StagedRows staging, StagedScan all, JavaRDD<RowKey> keys) {
    this.staging = staging;
    this.all = all;
    this.keys = keys.persist(StorageLevel.MEMORY_AND_DISK());
    taken.add(keys.aggregate(new Taken(), Taken::add, Taken::add));
  }

  /**
   * Finds the rows to take out. Runs three Spark jobs: one finds the users of the new events, two
   * look at the keys of staging.
   *
   * @param records new events; null for none
   * @param events their number
   * @param closedBeforeMs a session that ends before this time closes, epoch milliseconds
   * @return null, if all rows have to be replaced, or it is cheaper
   */
  static StagingChange find(
      SparkSession spark,
      SessionTables tables,
      Base base,
      StagingPolicy policy,
      UserShuffle records,
      long events,
      long closedBeforeMs) {
    long open = base.open().count("open");
    if (!policy.changes(open, events)) {
      return null;
    }
    StagedRows staging = tables.stagedRows(base).orElse(null);
    if (staging == null || staging.hasDeletesByValue()) {
      return null;
    }
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    Supplier<BloomFilter> empty = () -> UserFilter.of(events + open / 16);
    BloomFilter users = records == null ? empty.get() : records.users(empty.get());
    StagedScan all = staging.scan(context.broadcast(users), empty.get(), closedBeforeMs);
    long changing = events + all.closed();
    // With more users, the filter would let nearly all rows pass.
    if (changing > UserFilter.MANY_USERS || !policy.changes(all.rows(), changing)) {
      return null;
    }
    BloomFilter both = UserFilter.merge(users, all.closing());
    StagingChange change = new StagingChange(staging, all, staging.keys(context.broadcast(both)));
    if (!policy.changes(all.rows(), change.taken.rows)) {
      change.close();
      return null;
    }
    return change;
  }

  /** The rows that are taken out. Lazy. */
  InternalRows rows() {
    return staging.of(keys);
  }

  /** The keys of these rows, with the user and the start of published sessions only. */
  JavaRDD<RowKey> keys() {
    return keys;
  }

  /** Adds the sessions that stay as they are to the counts of the outcomes. */
  OutcomeStats added(OutcomeStats made) {
    return made.withOpen(
        all.rows() - taken.rows, all.published() - taken.published, all.leastEndMs());
  }

  /**
   * The change of the staging table: takes these rows out, adds those of the sessions that are open
   * now, and merges small files.
   *
   * @param outcomes of the batch
   * @param made their counts
   */
  StagingDelta delta(InternalRows outcomes, RowSchemas schemas, OutcomeStats made) {
    List<MergedFiles.File> files = files();
    Set<Integer> merged = MergedFiles.of(files, made.open());
    Set<Integer> copied = new TreeSet<>();
    long rows = made.open();
    for (MergedFiles.File file : files) {
      if (merged.contains(file.number()) && file.left() > 0) {
        copied.add(file.number());
        rows += file.left();
      }
    }
    InternalRows open = OutcomeFilter.open(outcomes);
    boolean deletes = !merged.containsAll(taken.ofFiles.keySet());
    return new StagingDelta(
        copied.isEmpty()
            ? open
            : OutcomeFilter.staged(open, schemas).and(staging.stored(copied, keys)),
        copied.isEmpty() ? schemas.outcome() : schemas.open(),
        // About as many events in each row.
        made.open() == 0 ? rows : made.openEvents() * rows / made.open(),
        staging.files(),
        merged,
        deletes
            ? keys.filter(key -> !merged.contains(key.file()))
                .mapToPair(key -> new Tuple2<>(key.file(), key.position()))
            : null);
  }

  private List<MergedFiles.File> files() {
    List<MergedFiles.File> files = new ArrayList<>();
    for (FileScanTask file : staging.files()) {
      int number = files.size();
      List<DeleteFile> own = RowDeletes.ofFileAlone(file);
      long deleted = own.stream().mapToLong(DeleteFile::recordCount).sum();
      long rows = file.file().recordCount();
      files.add(
          new MergedFiles.File(
              number,
              file.file().dataSequenceNumber(),
              rows,
              rows - deleted - taken.ofFiles.getOrDefault(number, 0L),
              own.size() < file.deletes().size()));
    }
    return files;
  }

  @Override
  public void close() {
    keys.unpersist(false);
  }
}

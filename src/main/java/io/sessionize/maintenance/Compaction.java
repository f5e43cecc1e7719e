package io.sessionize.maintenance;

import io.sessionize.Failure;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Lineage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.RewriteDataFiles;
import org.apache.iceberg.actions.RewriteFileGroup;
import org.apache.iceberg.actions.RewriteManifests;
import org.apache.iceberg.actions.RewritePositionDeleteFiles;
import org.apache.iceberg.actions.SizeBasedFileRewritePlanner;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundTerm;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.actions.RewriteDataFilesSparkAction;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites a table's rows into fewer, larger files. It rewrites a day with five small files, and a
 * file with five delete files. So a single late event does not cause a rewrite of its day.
 */
final class Compaction {
  private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
  private static final Map<String, String> REWRITE_OPTIONS =
      Map.of(
          SizeBasedFileRewritePlanner.MIN_INPUT_FILES, "5",
          BinPackRewriteFilePlanner.DELETE_FILE_THRESHOLD, "5");

  private static final int MIN_SMALL_MANIFESTS = 10;

  /** Each commit rewrites the table's metadata, which lists all snapshots. */
  private static final long MAX_COMMITS = 100;

  private static final String TOTAL_DELETE_FILES = "total-delete-files";

  private final SparkSession spark;
  private final Table table;
  private final String name;
  private final SortOrder order;
  private final boolean dryRun;
  private final Consumer<MaintenanceStep> listener;

  /**
   * @param name qualified name of the table
   * @param order sort order of the rows in the new files; null for none
   * @param dryRun whether to report what would be done, and do nothing
   * @param listener called with each step
   */
  Compaction(
      SparkSession spark,
      Table table,
      String name,
      SortOrder order,
      boolean dryRun,
      Consumer<MaintenanceStep> listener) {
    this.spark = spark;
    this.table = table;
    this.name = TableNames.plain(name);
    this.order = order;
    this.dryRun = dryRun;
    this.listener = listener;
  }

  /**
   * Compacts the table as it was loaded. Runs Spark jobs. Batches may commit at the same time: each
   * day is a commit of its own, and a day whose rows a batch has changed meanwhile stays as it is.
   *
   * @return whether anything was rewritten
   */
  boolean execute() {
    long before = table.currentSnapshot().snapshotId();
    if (rewriteDataFiles()) {
      rewriteDeletes(Expressions.alwaysTrue());
    }
    rewriteManifests();
    table.refresh();
    return !dryRun && table.currentSnapshot().snapshotId() != before;
  }

  /**
   * Compacts small files of one day, as many as one step may.
   *
   * @param among condition on rows. Only files that may hold such a row are compacted
   * @return the day; empty, if no day has enough small files
   */
  Optional<Expression> compactOne(SmallFiles size, Expression among) {
    Map<String, String> options = size.options(targetBytes());
    List<RewriteFileGroup> groups = plan(options, among);
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    RewriteFileGroup first = groups.get(0);
    Expression day = partition(first.fileScanTasks().get(0));
    rewrite(
        List.of(first),
        action ->
            action
                .filter(Expressions.and(day, among))
                .options(options)
                .option(
                    BinPackRewriteFilePlanner.MAX_FILES_TO_REWRITE,
                    Long.toString(first.inputFileNum())));
    return Optional.of(day);
  }

  /** Returns a condition that holds for the partition of a file and for no other. */
  private static Expression partition(FileScanTask task) {
    PartitionSpec spec = task.spec();
    Expression all = Expressions.alwaysTrue();
    for (int i = 0; i < spec.fields().size(); i++) {
      PartitionField field = spec.fields().get(i);
      Object value = task.file().partition().get(i, Object.class);
      @SuppressWarnings("unchecked") // The value is a result of the transform.
      Transform<?, Object> transform = (Transform<?, Object>) field.transform();
      UnboundTerm<Object> term =
          Expressions.transform(spec.schema().findColumnName(field.sourceId()), transform);
      all =
          Expressions.and(
              all, value == null ? Expressions.isNull(term) : Expressions.equal(term, value));
    }
    return all;
  }

  private long targetBytes() {
    return PropertyUtil.propertyAsLong(
        table.properties(),
        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
  }

  private boolean rewriteDataFiles() {
    List<RewriteFileGroup> groups = plan(REWRITE_OPTIONS, Expressions.alwaysTrue());
    return rewrite(groups, action -> action.options(REWRITE_OPTIONS));
  }

  /** Rewrites groups of files, as the action plans them again. */
  private boolean rewrite(
      List<RewriteFileGroup> groups, Consumer<RewriteDataFilesSparkAction> selection) {
    long files = 0;
    long made = 0;
    long bytes = 0;
    Set<String> applied = new TreeSet<>();
    for (RewriteFileGroup group : groups) {
      files += group.inputFileNum();
      made += group.expectedOutputFiles();
      bytes += group.inputFilesSizeInBytes();
      group.fileScanTasks().stream()
          .flatMap(task -> task.deletes().stream())
          .map(DeleteFile::location)
          .forEach(applied::add);
    }
    if (files > 0 && !dryRun) {
      long before = table.currentSnapshot().snapshotId();
      RewriteDataFilesSparkAction action = SparkActions.get(spark).rewriteDataFiles(table);
      selection.accept(action);
      action.options(eachInItsOwnCommit(groups.size()));
      RewriteDataFiles.Result result =
          (order == null ? action.binPack() : action.sort(order)).execute();
      requireRewritten(result, groups, before);
      files = result.rewrittenDataFilesCount();
      made = result.addedDataFilesCount();
      bytes = result.rewrittenBytesCount();
    }
    listener.accept(new MaintenanceStep(name, Kind.DATA_FILES, files, made, bytes, List.of()));
    if (files > 0 && dryRun) {
      long deletes = deleteFiles();
      long left = Math.max(0, deletes - applied.size());
      listener.accept(new MaintenanceStep(name, Kind.DELETE_FILES, deletes, left, 0, List.of()));
    }
    return files > 0 && !dryRun;
  }

  private List<RewriteFileGroup> plan(Map<String, String> options, Expression among) {
    BinPackRewriteFilePlanner planner = new BinPackRewriteFilePlanner(table, among);
    planner.init(options);
    try (CloseableIterable<RewriteFileGroup> groups = planner.plan().groups()) {
      List<RewriteFileGroup> all = new ArrayList<>();
      groups.forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Removes delete files that delete nothing any more, because their deletes were applied by the
   * rewrite.
   *
   * @param days condition on the table's rows
   */
  void rewriteDeletes(Expression days) {
    table.refresh();
    long before = deleteFiles();
    if (before == 0) {
      return;
    }
    RewritePositionDeleteFiles action = SparkActions.get(spark).rewritePositionDeletes(table);
    action
        .filter(days)
        .option(SizeBasedFileRewritePlanner.REWRITE_ALL, "true")
        .options(eachInItsOwnCommit(before));
    RewritePositionDeleteFiles.Result result = action.execute();
    table.refresh();
    listener.accept(
        new MaintenanceStep(
            name,
            Kind.DELETE_FILES,
            before,
            deleteFiles(),
            result.rewrittenBytesCount(),
            List.of()));
  }

  private long deleteFiles() {
    return Long.parseLong(table.currentSnapshot().summary().getOrDefault(TOTAL_DELETE_FILES, "0"));
  }

  /** Rewrites small manifests, if there are {@value #MIN_SMALL_MANIFESTS}. */
  void rewriteManifests() {
    table.refresh();
    long target =
        PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.MANIFEST_TARGET_SIZE_BYTES,
            TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
    List<ManifestFile> small =
        table.currentSnapshot().allManifests(table.io()).stream()
            .filter(manifest -> manifest.length() < target / 2)
            .toList();
    if (small.size() < MIN_SMALL_MANIFESTS) {
      return;
    }
    long bytes = small.stream().mapToLong(ManifestFile::length).sum();
    long before = small.size();
    long after = 1 + bytes / target;
    if (!dryRun) {
      RewriteManifests.Result result;
      try {
        result =
            SparkActions.get(spark)
                .rewriteManifests(table)
                .rewriteIf(manifest -> manifest.length() < target / 2)
                .execute();
      } catch (ValidationException | CommitFailedException e) {
        LOG.info("{} has changed meanwhile: its manifests stay as they are", name);
        return;
      }
      before = count(result.rewrittenManifests());
      after = count(result.addedManifests());
    }
    listener.accept(new MaintenanceStep(name, Kind.MANIFESTS, before, after, bytes, List.of()));
  }

  private static long count(Iterable<?> elements) {
    return StreamSupport.stream(elements.spliterator(), false).count();
  }

  /** Options by which a conflict with a batch affects one group of files alone: one day. */
  private static Map<String, String> eachInItsOwnCommit(long groups) {
    String commits = Long.toString(Math.min(groups, MAX_COMMITS));
    return Map.of(
        RewriteDataFiles.PARTIAL_PROGRESS_ENABLED,
        "true",
        RewriteDataFiles.PARTIAL_PROGRESS_MAX_COMMITS,
        commits);
  }

  /**
   * Checks what was rewritten. Iceberg logs why files could not be written or committed, and
   * continues.
   */
  private void requireRewritten(
      RewriteDataFiles.Result result, List<RewriteFileGroup> planned, long before) {
    long files = planned.stream().mapToLong(RewriteFileGroup::inputFileNum).sum();
    long left = files - result.rewrittenDataFilesCount();
    if (left <= 0) {
      return;
    }
    table.refresh();
    boolean rowsChanged = !Lineage.onlyMoved(table, before, table.currentSnapshot().snapshotId());
    long gone = groupsGone(planned);
    // Another process was faster with these.
    long lost = gone - result.rewriteResults().size();
    if (result.rewriteFailures().size() > lost || (!rowsChanged && gone < planned.size())) {
      throw new Failure(
          Failure.Kind.OTHER,
          String.format(
              "%d data files of %s could not be compacted; they are unchanged. The log says why.",
              left, name),
          null);
    }
    listener.accept(new MaintenanceStep(name, Kind.LEFT, left, left, 0, List.of()));
  }

  /** Returns how many of the groups have a file that the table does not have any more. */
  private long groupsGone(List<RewriteFileGroup> groups) {
    Set<String> files = new HashSet<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> files.add(task.file().location()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return groups.stream()
        .filter(
            group ->
                group.fileScanTasks().stream()
                    .anyMatch(task -> !files.contains(task.file().location())))
        .count();
  }
}

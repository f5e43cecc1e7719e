package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.column.SessionColumn;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.OutcomeFilter;
import io.sessionize.spark.internal.RowDeletes;
import io.sessionize.spark.internal.TableWriter;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a batch to branches of the tables and publishes them. The caller makes the calls in the
 * order of the commit protocol.
 *
 * <p>Not thread-safe. A method that takes a data set runs Spark jobs.
 */
public final class Publication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  /** How Iceberg's messages begin if a compaction may have moved a row that is replaced. */
  private static final List<String> MOVED_ROWS =
      List.of(
          "Cannot commit, missing data files",
          "Missing required files to delete",
          "Found concurrently added DV",
          "Cannot determine history");

  private static final long EVENTS_OF_A_FILE = 250_000;
  private static final long EVENTS_TO_SORT = 50_000;

  private final SparkSession spark;
  private final Table sessionsTable;
  private final Table stagingTable;
  private final RejectedPublication rejected;
  private final TableNames names;
  private final RowSchemas schemas;
  private final List<SessionColumn> sessionColumns;
  private final long baseSnapshot;
  private final long openBase;
  private Branch sessions;
  private Branch open;
  private RunSummary summary;
  private boolean replacesRows;
  private boolean changesOpen;
  private long merged;
  private boolean sessionsArePublished;
  private Function<Transaction, SnapshotUpdate<?>> sessionsUpdate;
  private Function<Transaction, SnapshotUpdate<?>> openUpdate;

  /**
   * How much a batch changes in the sessions table.
   *
   * @param written rows that are added or changed
   * @param replaced rows that are changed or removed
   * @param events of the rows that are written
   * @param days UTC days of all these rows, before and after the change
   */
  public record Extent(long written, long replaced, long events, Collection<LocalDate> days) {
    /** No change. */
    public static final Extent NOTHING = new Extent(0, 0, 0, List.of());

    private boolean isNothing() {
      return written == 0 && replaced == 0;
    }

    private long eventsOfDay() {
      return events / Math.max(1, days.size());
    }
  }

  Publication(
      SparkSession spark,
      TableNames names,
      Table sessionsTable,
      Table stagingTable,
      Table rejectedTable,
      Optional<RejectedEnd> rejectedEnd,
      Base base,
      RowSchemas schemas) {
    this.spark = spark;
    this.schemas = schemas;
    this.sessionColumns = base.columns().all();
    this.names = names;
    this.baseSnapshot = base.sessionsSnapshot();
    this.openBase = base.openSnapshot();
    this.sessionsTable = sessionsTable;
    this.stagingTable = stagingTable;
    this.rejected = new RejectedPublication(spark, names.rejected(), rejectedTable, rejectedEnd);
    this.sessions = Branch.on(sessionsTable, names.sessions(), base.sessionsSnapshot());
    this.open = Branch.on(stagingTable, names.open(), base.openSnapshot());
  }

  /**
   * Writes the changed rows of the sessions table, and deletes the rows that they replace. The
   * latter are not searched: outcomes say where they are stored. The branch gets the commit when
   * the rows of staging are written too: some readers take the newest snapshot of any branch, so it
   * exists only for moments before it is published.
   *
   * @param outcomes rows of {@link OutcomeRows}
   * @param files data files, by the number that outcomes have stored
   * @param extent of the changes
   */
  public void writeSessions(
      InternalRows outcomes, List<FileScanTask> files, Extent extent, RunSummary summary) {
    this.summary = summary;
    sessionsUpdate = extent.isNothing() ? Transaction::newAppend : delta(outcomes, files, extent);
  }

  private void merge() {
    merged = sessions.commit(summary.toProperties(), sessionsUpdate);
  }

  /** Writes the files, and returns the commit of them, which can be made more than once. */
  private Function<Transaction, SnapshotUpdate<?>> delta(
      InternalRows outcomes, List<FileScanTask> files, Extent extent) {
    List<DataFile> added =
        extent.written() > 0 ? write(OutcomeFilter.written(outcomes), extent) : List.of();
    RowDeletes.Written deletes =
        extent.replaced() > 0
            ? new RowDeletes(spark, sessionsTable, files).write(OutcomeFilter.replaced(outcomes))
            : RowDeletes.Written.of(List.of());
    replacesRows = extent.replaced() > 0;
    return transaction -> {
      RowDelta delta = transaction.newRowDelta();
      added.forEach(delta::addRows);
      if (!replacesRows) {
        return delta;
      }
      delta.validateFromSnapshot(baseSnapshot);
      deletes.added().forEach(delta::addDeletes);
      deletes.replaced().forEach(delta::removeDeletes);
      return delta.validateDataFilesExist(deletes.dataFiles()).validateDeletedFiles();
    };
  }

  private List<DataFile> write(InternalRows outcomes, Extent extent) {
    InternalRows rows = coalescedToFiles(outcomes, extent.eventsOfDay());
    UserAddedColumns userAdded = UserAddedColumns.of(sessionsTable, baseSnapshot, sessionColumns);
    if (userAdded.isEmpty() || extent.replaced() == 0) {
      return new TableWriter(spark, sessionsTable, schemas.session())
          .write(rows, schemas.outcome());
    }
    Dataset<Row> complete =
        userAdded.addedTo(
            rows.toRows(spark, schemas.outcome()).select(SessionRows.columns(schemas.session())),
            spark
                .read()
                .option("snapshot-id", baseSnapshot)
                .table(names.sessions())
                .where(Days.startingOn(extent.days())));
    return new TableWriter(spark, sessionsTable, complete.schema())
        .write(InternalRows.of(complete), complete.schema());
  }

  /**
   * Replaces the rows of the staging table's branch by the sessions that are open now, and commits
   * to both branches.
   *
   * @param staged rows with the columns of the staging table first
   * @param columns all columns of these rows
   * @param events number of events in these rows
   */
  public void writeOpen(InternalRows staged, StructType columns, long events, RunSummary summary) {
    List<DataFile> files = writeStaged(staged, columns, events);
    openUpdate =
        transaction -> {
          OverwriteFiles replace =
              transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
          files.forEach(replace::addFile);
          return replace;
        };
    merge();
    open.commit(summary.toProperties(merged), openUpdate);
  }

  /**
   * Changes some rows of the staging table's branch, and commits to both branches. The result has
   * the rows that {@link #writeOpen} would write.
   */
  public void changeOpen(StagingDelta delta, RunSummary summary) {
    List<DataFile> files = writeStaged(delta.added(), delta.columns(), delta.events());
    changesOpen = true;
    openUpdate = delta.update(spark, stagingTable, files, open.base());
    merge();
    open.commit(summary.toProperties(merged), openUpdate);
  }

  private List<DataFile> writeStaged(InternalRows staged, StructType columns, long events) {
    TableWriter writer = new TableWriter(spark, stagingTable, schemas.open());
    InternalRows rows = coalescedToFiles(staged, events);
    // A smaller table is replaced by the next batch, or read as a whole.
    return events < EVENTS_TO_SORT ? writer.write(rows, columns) : writer.writeByEnd(rows, columns);
  }

  /**
   * Coalesces rows into about as many partitions as files are wanted; all are written in parallel.
   * The partitions are as even as possible, so that no core waits for another.
   */
  private static InternalRows coalescedToFiles(InternalRows rows, long events) {
    int partitions = rows.rdd().getNumPartitions();
    int together = (int) Math.max(1, partitions / (1 + events / EVENTS_OF_A_FILE));
    return rows.coalesce((partitions + together - 1) / together);
  }

  /**
   * Adds the rejected records that the table does not hold yet, and publishes them at once.
   *
   * @throws Failure conflict, if the staging table has changed: then another driver has processed
   *     the same records and has written the rejected ones
   */
  public void addRejected(Dataset<Row> rows, OffsetRange offsets, RunSummary summary) {
    requireSameRows(open);
    rejected.add(rows, offsets, summary);
  }

  /**
   * Marks rejected records as taken in by the snapshot of the sessions table that was published,
   * and publishes the marks at once. They do not hold before the commit point, which lists that
   * snapshot.
   *
   * @param records columns that identify records of the rejected table
   * @throws Failure conflict, if the staging table has changed
   */
  public void markTakenIn(Dataset<Row> records, OffsetRange offsets, RunSummary summary) {
    requireSameRows(open);
    rejected.mark(records, offsets, merged, summary);
  }

  private static void requireSameRows(Branch branch) {
    branch.moved();
  }

  /**
   * Keeps the merged sessions on a branch of this name, replaces an existing one, and returns the
   * snapshot id.
   */
  public long keepSessions(String branch) {
    merge();
    return sessions.keepAs(branch);
  }

  /**
   * Publishes the sessions table's branch. If another engine has compacted a table since the base,
   * the batch is first committed again on top of the compaction.
   *
   * @return false, if the compaction has moved rows that this batch replaces in either table:
   *     nothing is published, and the batch has to find the rows again
   * @throws Failure conflict, if the rows of either table have changed since the base
   */
  public boolean publishSessions() {
    do {
      // If staging has changed, publishing would leave the tables out of sync.
      OptionalLong openHead = open.moved();
      OptionalLong sessionsHead = sessions.moved();
      if (sessionsHead.isPresent() && !mergeOn(sessionsHead.getAsLong())) {
        LOG.info(
            "A compaction of {} has moved rows that this batch replaces: they are looked up again",
            TableNames.plain(names.sessions()));
        open.discard();
        return false;
      }
      // Staging names the snapshot of the sessions table.
      if ((openHead.isPresent() || sessionsHead.isPresent())
          && !commitOpenOn(openHead.orElse(open.base()))) {
        return false;
      }
    } while (!sessions.publish());
    sessionsArePublished = true;
    return true;
  }

  /**
   * Commits the same files on another head, and then drops the first commit. An expiry in another
   * process compares the snapshots before and after its own commit. If it found the first commit
   * gone and no second one, it would delete the files.
   *
   * @return false, if rows to replace have moved
   */
  private boolean mergeOn(long head) {
    logMove(names.sessions());
    Branch first = sessions;
    sessions = Branch.on(sessionsTable, names.sessions(), head);
    return first.replacedBy(this::mergeAgain);
  }

  private boolean mergeAgain() {
    if (replacesRows && sessionsTable.snapshot(baseSnapshot) == null) {
      // Without the base, nothing shows which files have been removed since.
      return false;
    }
    try {
      merge();
      return true;
    } catch (ValidationException e) {
      requireMoved(e);
      return false;
    }
  }

  /**
   * Publishes the staging table's branch: the commit point.
   *
   * @throws Failure conflict, if the rows of the staging table have changed since the base
   */
  public void publishOpen() {
    do {
      OptionalLong head = open.moved();
      if (head.isPresent() && !commitOpenOn(head.getAsLong())) {
        // The next run finds the tables out of sync, and replaces staging.
        throw open.conflict(null);
      }
    } while (!open.publish());
    References.dropStale(sessionsTable);
    References.dropStale(stagingTable);
    rejected.dropStale();
  }

  /** Does for staging what {@link #mergeOn} does for sessions. */
  private boolean commitOpenOn(long head) {
    logMove(names.open());
    Branch first = open;
    open = Branch.on(stagingTable, names.open(), head);
    return first.replacedBy(this::commitOpenAgain);
  }

  private boolean commitOpenAgain() {
    if (changesOpen && stagingTable.snapshot(openBase) == null) {
      return false;
    }
    try {
      open.commit(summary.toProperties(merged), openUpdate);
      return true;
    } catch (ValidationException e) {
      requireMoved(e);
      LOG.info(
          "A compaction of {} has moved rows that this batch changes",
          TableNames.plain(names.open()));
      return false;
    }
  }

  private static void requireMoved(ValidationException refused) {
    if (MOVED_ROWS.stream().noneMatch(String.valueOf(refused.getMessage())::startsWith)) {
      throw refused;
    }
  }

  private static void logMove(String table) {
    LOG.info(
        "A table was compacted since this batch began: {} is committed on top of it",
        TableNames.plain(table));
  }

  /** Drops the branches that were not published. */
  @Override
  public void close() {
    sessions.remove();
    if (sessionsArePublished) {
      // If staging is not published, its snapshot shows what the published sessions were made of.
      open.drop();
    } else {
      open.remove();
    }
    rejected.close();
  }
}

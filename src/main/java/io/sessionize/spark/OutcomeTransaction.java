package io.sessionize.spark;

import io.sessionize.Failure;
import io.sessionize.job.BatchTransaction;
import io.sessionize.job.OutcomeStats;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Watermark;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KeptRows;
import io.sessionize.spark.internal.OutcomeCounter;
import io.sessionize.spark.internal.OutcomeFilter;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Publication;
import io.sessionize.table.Publication.Extent;
import io.sessionize.table.RowKeys;
import io.sessionize.table.SessionTables;
import java.util.List;
import org.apache.iceberg.FileScanTask;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Keeps the outcomes of a batch on Spark, and writes and publishes them with Iceberg. */
public abstract class OutcomeTransaction implements BatchTransaction {
  /** A compaction takes longer than a merge, so more of them in a row are no coincidence. */
  private static final int MOST_MERGES = 5;

  final SparkSession spark;
  final SessionTables tables;
  final RowSchemas schemas;
  private Base base;
  private boolean lookUp;
  private Watermark after;
  private KeptRows outcomes;
  private OutcomeStats counted;
  private OutcomeStats made;
  private Publication publication;
  private RunSummary summary;

  OutcomeTransaction(SparkSession spark, SessionTables tables, RowSchemas schemas, Base base) {
    this.spark = spark;
    this.tables = tables;
    this.schemas = schemas;
    this.base = base;
  }

  /** The columns of all rows, with the session columns in use. */
  public final RowSchemas schemas() {
    return schemas;
  }

  final Base base() {
    return base;
  }

  /** Builds on another base with the same rows, which a compaction has moved. */
  abstract void buildOn(Base moved);

  /** Computes the outcomes: rows of {@link OutcomeRows}. Lazy. */
  abstract InternalRows compute(boolean lookUp, Watermark after);

  /** Completes the counts of the outcomes, after they were computed. */
  OutcomeStats completed(OutcomeStats counted) {
    return counted;
  }

  /** The change of staging, after the outcomes were computed; null if all rows are replaced. */
  StagingChange stagingChange() {
    return null;
  }

  /** Computes outcomes that replace all rows of staging from now on. */
  void replaceStaging() {}

  /** The data files of the stored rows, by the number that outcomes have stored. */
  abstract List<FileScanTask> files();

  @Override
  public final OutcomeStats restate(boolean lookUp, Watermark after) {
    this.lookUp = lookUp;
    this.after = after;
    try {
      count(compute(lookUp, after));
      if (stagingChange() != null && made.damagedOpen() > 0) {
        // No batch writes a damaged row, and an external commit prevents a change. To be sure:
        replaceStaging();
        outcomes.close();
        count(compute(lookUp, after));
      }
    } catch (Exception e) {
      // Spark throws undeclared exceptions here. No branch keeps the base yet, so it may have
      // expired.
      throw tables.conflictIfExpired(base, e);
    }
    return made;
  }

  private void count(InternalRows computed) {
    outcomes = new KeptRows(spark, computed, schemas.outcome());
    counted = OutcomeCounter.count(outcomes);
    made = completed(counted);
  }

  final OutcomeStats made() {
    return made;
  }

  final Publication publication() {
    return publication;
  }

  /** The outcomes: rows of {@link OutcomeRows}, kept until closed. */
  public Dataset<Row> outcomes() {
    return outcomes.rows();
  }

  /** The rows of staging after a batch that replaces all of them, with damaged rows unchanged. */
  public Dataset<Row> staged() {
    Dataset<Row> open = OutcomeRows.open(outcomes(), schemas);
    return made.damagedOpen() == 0
        ? open
        : open.union(
            RowKeys.only(
                tables.reader(base).openAsStored(), outcomes().where("is_open AND damaged")));
  }

  /** The rejected records, as rows of the rejected table. */
  public abstract Dataset<Row> rejected();

  @Override
  public void mergeSessions(RunSummary summary) {
    this.summary = summary;
    publication = tables.publication(base);
    write(
        () ->
            publication.writeSessions(
                outcomes.internal(),
                files(),
                new Extent(
                    made.added() + made.changed(),
                    made.changed() + made.removed(),
                    made.changedEvents(),
                    made.days()),
                summary));
  }

  @Override
  public void writeOpen(RunSummary summary) {
    write(() -> stage(summary));
  }

  /** Writes files of the batch, from files of the base too: rows that are moved, and deletes. */
  private void write(Runnable files) {
    try {
      files.run();
    } catch (Exception e) {
      // As in restate: the branches are created at the end.
      throw tables.conflictIfExpired(base, e);
    }
  }

  private void stage(RunSummary summary) {
    StagingChange change = stagingChange();
    if (change != null) {
      publication.changeOpen(change.delta(outcomes.internal(), schemas, counted), summary);
    } else if (made.damagedOpen() > 0) {
      publication.writeOpen(InternalRows.of(staged()), schemas.open(), made.openEvents(), summary);
    } else {
      publication.writeOpen(
          OutcomeFilter.open(outcomes.internal()), schemas.outcome(), made.openEvents(), summary);
    }
  }

  @Override
  public long keepSessions(String branch) {
    return publication.keepSessions(branch);
  }

  @Override
  public void publishSessions() {
    for (int merges = 1; !publication.publishSessions(); merges++) {
      if (merges == MOST_MERGES) {
        throw Failure.conflict(
            null,
            "Another engine has moved rows of %s or of its staging table %d times while this batch"
                + " was published: nothing of it was published. Run again, and let compactions run"
                + " less often.",
            TableNames.plain(tables.names().sessions()),
            merges);
      }
      mergeAgain();
    }
  }

  /** Looks up the rows where a compaction has moved them. The records are not read again. */
  private void mergeAgain() {
    publication.close();
    base = tables.moved(base);
    buildOn(base);
    outcomes.close();
    restate(lookUp, after);
    mergeSessions(summary);
    writeOpen(summary);
  }

  @Override
  public void publishOpen() {
    publication.publishOpen();
  }

  @Override
  public void close() {
    if (publication != null) {
      publication.close();
    }
    if (outcomes != null) {
      outcomes.close();
    }
  }
}

package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables of one job: making them, what they stand at, and reading them. */
public final class SessionTables {
  private static final Logger LOG = LoggerFactory.getLogger(SessionTables.class);
  private static final String TOTAL_RECORDS = "total-records";

  private final SparkSession spark;
  private final TableNames names;
  private final TableDefinition sessionsDefinition;
  private final TableDefinition openDefinition;
  private final TableDefinition rejectedDefinition;

  public SessionTables(SparkSession spark, TableNames names) {
    this.spark = spark;
    this.names = names;
    this.sessionsDefinition =
        new TableDefinition(spark, names.sessions(), Sql.named("schema/sessions").with(names));
    this.openDefinition =
        new TableDefinition(spark, names.open(), Sql.named("schema/open").with(names));
    this.rejectedDefinition =
        new TableDefinition(spark, names.rejected(), Sql.named("schema/rejected").with(names));
  }

  /**
   * What the tables say, before anything is made or changed.
   *
   * @return empty, where there is no commit point yet
   * @throws Failure of usage, where a newer version of the job made them; broken, where they do not
   *     belong together or were not made by us
   */
  public Optional<Base> standing() {
    Optional<Table> open = find(openDefinition);
    Optional<Table> sessions = find(sessionsDefinition);
    find(rejectedDefinition);
    if (open.isPresent() && open.get().currentSnapshot() != null) {
      return Optional.of(
          base(open.get(), sessions.orElseThrow(() -> Lineage.notOurs(names.sessions()))));
    }
    if (sessions.isPresent() && sessions.get().currentSnapshot() != null) {
      RunSummary summary =
          Lineage.summary(sessions.get()).orElseThrow(() -> Lineage.notOurs(names.sessions()));
      boolean begun = !summary.next().isEmpty();
      if (begun || holdsRows(sessions.get())) {
        throw Failure.broken(
            "%s holds sessions, but the staging table %s is missing, or empty and without history:"
                + " restore it, or give another --iceberg-table.",
            TableNames.plain(names.sessions()), TableNames.plain(names.open()));
      }
    }
    return Optional.empty();
  }

  /**
   * Makes what is missing: tables, columns that came with this version, the view. Each new table
   * gets an empty commit, so that a missing permission fails here and not after an hour of work.
   *
   * @param start what the first commit says
   * @throws Failure as {@link #standing}, before anything is made or changed
   */
  public void create(RunSummary start) {
    standing();
    spark.sql("CREATE NAMESPACE IF NOT EXISTS " + names.namespace());
    Table sessions = create(sessionsDefinition);
    Table open = create(openDefinition);
    Table rejected = create(rejectedDefinition);
    commitFirst(sessions, start.toProperties());
    if (open.currentSnapshot() == null) {
      commitFirst(open, start.belongingTo(load(names.sessions()).currentSnapshot().snapshotId()));
    }
    commitFirst(rejected, start.toProperties());
    new LiveView(spark, names).create();
  }

  /**
   * Where both tables stand now.
   *
   * @throws Failure broken, where they do not belong together or were not made by us; of usage,
   *     where another version made them
   */
  public Base base() {
    // Staging first: if another driver publishes in between, staging looks old, which is true.
    Table open = load(names.open());
    Table sessions = load(names.sessions());
    openDefinition.requireComplete(open);
    sessionsDefinition.requireComplete(sessions);
    return base(open, sessions);
  }

  private Base base(Table open, Table sessions) {
    requireSnapshot(sessions);
    RunSummary summary = Lineage.summary(open).orElseThrow(() -> Lineage.notOurs(names.open()));
    Base base =
        Lineage.base(
            sessions.currentSnapshot(), sessions, open.currentSnapshot().snapshotId(), summary);
    if (base.sessions().isEmpty()) {
      LOG.warn(
          "{} has no Sessionize commit in its history any more: its rows are complete, and the run continues from the"
              + " staging table",
          TableNames.plain(names.sessions()));
    }
    long belongsTo = summary.sessionsSnapshot();
    long content = Lineage.content(sessions.currentSnapshot(), sessions);
    if (content != belongsTo) {
      requireSameLine(base, sessions, open);
      requireNotMovedBack(sessions, open);
    }
    return base;
  }

  private void requireSameLine(Base base, Table sessions, Table open) {
    long belongsTo = base.open().sessionsSnapshot();
    // Where expiry has cut the history short, the base of the newest summary decides too.
    boolean isSame =
        base.sessions().isEmpty()
            || SnapshotUtil.isAncestorOf(
                sessions, sessions.currentSnapshot().snapshotId(), belongsTo)
            || Lineage.isBuiltOn(base.sessions().get(), open);
    if (!isSame) {
      throw Failure.broken(
          "%s is at snapshot %d, which does not descend from %d, to which the staging table %s belongs:"
              + " one of the two was rolled back alone. Roll back the other to the same run.",
          TableNames.plain(names.sessions()),
          Lineage.content(sessions.currentSnapshot(), sessions),
          belongsTo,
          TableNames.plain(names.open()));
    }
  }

  private void requireSnapshot(Table sessions) {
    if (sessions.currentSnapshot() == null) {
      throw Lineage.notOurs(names.sessions());
    }
  }

  /**
   * Staging that has stood at a later commit point, one whose sessions are still there, was moved
   * back. After a crash between the two commits it never got there.
   */
  private void requireNotMovedBack(Table sessions, Table open) {
    long now = open.currentSnapshot().snapshotId();
    long sessionsNow = sessions.currentSnapshot().snapshotId();
    for (HistoryEntry entry : open.history()) {
      Snapshot was = open.snapshot(entry.snapshotId());
      if (was != null
          && RunSummary.isIn(was.summary())
          && !SnapshotUtil.isAncestorOf(open, now, was.snapshotId())) {
        long madeWith = RunSummary.ofProperties(was.summary()).sessionsSnapshot();
        if (sessions.snapshot(madeWith) != null
            && SnapshotUtil.isAncestorOf(sessions, sessionsNow, madeWith)) {
          throw Failure.broken(
              "The staging table %s stands at snapshot %d, but %s is as it was with %d: one of the two was rolled back"
                  + " alone. Roll back the other to the same run.",
              TableNames.plain(names.open()),
              now,
              TableNames.plain(names.sessions()),
              was.snapshotId());
        }
      }
    }
  }

  /** Reads both tables as they are at a base. */
  public SessionReader reader(Base base) {
    return new SessionReader(spark, names, base);
  }

  /** The open sessions as they are now. */
  public Dataset<Row> open() {
    return spark.table(names.open());
  }

  /** The names of the tables. */
  public TableNames names() {
    return names;
  }

  /**
   * The sessions table.
   *
   * @throws Failure of usage, where it does not exist, or a newer version of the job made it;
   *     broken, where it is not a table of this job
   */
  public Table sessionsTable() {
    Table table = load(names.sessions());
    sessionsDefinition.requireOurs(table);
    return table;
  }

  /**
   * The staging table.
   *
   * @throws Failure as {@link #sessionsTable}
   */
  public Table openTable() {
    Table table = load(names.open());
    openDefinition.requireOurs(table);
    return table;
  }

  /** The rejected records of these UTC days. */
  public Dataset<Row> rejected(Collection<LocalDate> days) {
    return spark.table(names.rejected()).where(Days.condition("record_time", days));
  }

  /** A batch's unpublished work on this base. */
  public Publication publication(Base base) {
    return new Publication(
        spark, names, load(names.sessions()), load(names.open()), load(names.rejected()), base);
  }

  private Table create(TableDefinition definition) {
    spark.sql(definition.statement());
    Table table = load(definition.name());
    definition.upgrade(table);
    return table;
  }

  private Optional<Table> find(TableDefinition definition) {
    Optional<Table> table = find(definition.name());
    table.ifPresent(definition::requireOurs);
    return table;
  }

  /**
   * What a batch ends with that failed before it wrote anything.
   *
   * @return a conflict, where its base was expired meanwhile; else what it failed with
   */
  public RuntimeException conflictIfExpired(Base base, Exception failed) {
    boolean expired =
        load(names.sessions()).snapshot(base.sessionsSnapshot()) == null
            || load(names.open()).snapshot(base.openSnapshot()) == null;
    if (expired) {
      return Failure.conflict(
          failed,
          "What this batch builds on was expired meanwhile, since others have changed %s. Run again.",
          TableNames.plain(names.sessions()));
    }
    return failed instanceof RuntimeException known ? known : new IllegalStateException(failed);
  }

  public Table load(String table) {
    return find(table)
        .orElseThrow(
            () ->
                Failure.usage(
                    "There is no table %s: the first run makes it."
                        + " Check --warehouse, --iceberg-database and --iceberg-table.",
                    TableNames.plain(table)));
  }

  private Optional<Table> find(String table) {
    try {
      return Optional.of(
          Spark3Util.loadIcebergCatalog(spark, names.catalog())
              .loadTable(TableIdentifier.of(names.database(), TableNames.simple(table))));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  private static void commitFirst(Table table, Map<String, String> summary) {
    if (table.currentSnapshot() == null) {
      AppendFiles nothing = table.newAppend();
      summary.forEach(nothing::set);
      // Another driver may be making the same tables: only the first of the two commits counts.
      nothing.validateWith(ancestors -> !ancestors.iterator().hasNext());
      nothing.commit();
    }
  }

  private static boolean holdsRows(Table table) {
    Snapshot current = table.currentSnapshot();
    return current != null && !"0".equals(current.summary().getOrDefault(TOTAL_RECORDS, "0"));
  }
}

package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.history.ChangedRows;
import io.sessionize.history.History;
import io.sessionize.history.PastSnapshots;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.parser.ParseException;
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
    Optional<RunSummary> sessionsSummary = Lineage.summary(sessions);
    RunSummary openSummary = Lineage.summary(open).orElseThrow(() -> Lineage.notOurs(names.open()));
    long belongsTo = openSummary.sessionsSnapshot();
    long content = Lineage.content(sessions.currentSnapshot(), sessions);
    boolean apart = content != belongsTo;
    // Where expiry has cut the history short, what the newest summary was built on tells as well.
    if (apart
        && sessionsSummary.isPresent()
        && !SnapshotUtil.isAncestorOf(sessions, sessions.currentSnapshot().snapshotId(), belongsTo)
        && !Lineage.isBuiltOn(sessionsSummary.get(), open)) {
      throw Failure.broken(
          "%s stands at snapshot %d, which does not descend from %d, to which the staging table %s belongs:"
              + " one of the two was rolled back alone. Roll back the other to the same run.",
          TableNames.plain(names.sessions()), content, belongsTo, TableNames.plain(names.open()));
    }
    if (apart) {
      requireNotMovedBack(sessions, open);
    }
    if (sessionsSummary.isEmpty()) {
      // Somebody has changed the table and expired what our last commit said there.
      LOG.warn(
          "{} has no snapshot of ours any more: its rows are whole, and the run goes on from what the staging table says",
          TableNames.plain(names.sessions()));
    }
    return new Base(
        sessions.currentSnapshot().snapshotId(),
        open.currentSnapshot().snapshotId(),
        sessionsSummary,
        openSummary,
        apart || sessionsSummary.isEmpty());
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

  /** How the sessions table came to be what it is. */
  public History history() {
    return new History(names.sessions(), load(names.sessions()));
  }

  /** The rows of the sessions table in which snapshots differ. */
  public ChangedRows changedRows() {
    return new ChangedRows(spark, names.sessions(), load(names.sessions()));
  }

  /**
   * What the tables' snapshots tell of the runs that made them.
   *
   * @throws Failure of usage, where there are no tables, or a newer version of the job made them;
   *     broken, where they were not made by us
   */
  public PastSnapshots past() {
    // Sessions first: a run that commits meanwhile is then only missing here, not half there.
    Table sessions = load(names.sessions());
    Table open = load(names.open());
    sessionsDefinition.requireOurs(sessions);
    openDefinition.requireOurs(open);
    return new PastSnapshots(spark, names, sessions, open);
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
  public RuntimeException endOf(Base base, Exception failed) {
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
      return Optional.of(Spark3Util.loadIcebergTable(spark, table));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    } catch (ParseException e) {
      throw new IllegalStateException(e);
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

  /** What the first commit of new tables says. */
  public static RunSummary start(
      String version, String command, String topic, String topicId, Rules rules) {
    return new RunSummary(
        version,
        "",
        command,
        topic,
        topicId,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        0,
        0,
        null,
        Watermark.START,
        Watermark.NONE,
        rules.text(),
        0,
        0,
        0,
        Long.MAX_VALUE,
        Map.of());
  }
}

package io.sessionize.store;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
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

  public SessionTables(SparkSession spark, TableNames names) {
    this.spark = spark;
    this.names = names;
  }

  /**
   * Makes what is missing. Each new table gets an empty commit, so that a missing permission fails
   * here and not after an hour of work.
   *
   * @param start what the first commit says
   * @throws Failure broken, where closed sessions stand without the staging table's commit point
   */
  public void create(RunSummary start) {
    spark.sql("CREATE NAMESPACE IF NOT EXISTS " + names.namespace());
    spark.sql(Sql.named("schema/sessions").with(names).text());
    spark.sql(Sql.named("schema/open").with(names).text());
    spark.sql(Sql.named("schema/rejected").with(names).text());
    Table sessions = load(names.sessions());
    Table open = load(names.open());
    if (open.currentSnapshot() == null && holdsRows(sessions)) {
      throw Failure.broken(
          "%s holds sessions, but the staging table %s is empty and has no history:"
              + " restore it, or give another --iceberg-table.",
          TableNames.plain(names.sessions()), TableNames.plain(names.open()));
    }
    commitFirst(sessions, start.toProperties());
    if (open.currentSnapshot() == null) {
      commitFirst(open, start.belongingTo(load(names.sessions()).currentSnapshot().snapshotId()));
    }
    commitFirst(load(names.rejected()), start.toProperties());
    createView();
  }

  /**
   * Where both tables stand now.
   *
   * @throws Failure broken, where they do not belong together or were not made by us
   */
  public Base base() {
    // Staging first: if another driver publishes in between, staging looks old, which is true.
    Table open = load(names.open());
    Table sessions = load(names.sessions());
    RunSummary sessionsSummary = summary(sessions, names.sessions());
    RunSummary openSummary = summary(open, names.open());
    long belongsTo = openSummary.sessionsSnapshot();
    long content = Lineage.content(sessions.currentSnapshot(), sessions);
    boolean apart = content != belongsTo;
    // Where expiry has cut the history short, what the newest summary was built on tells as well.
    if (apart
        && !SnapshotUtil.isAncestorOf(sessions, sessions.currentSnapshot().snapshotId(), belongsTo)
        && !Lineage.isBuiltOn(sessionsSummary, open)) {
      throw Failure.broken(
          "%s stands at snapshot %d, which does not descend from %d, to which the staging table %s belongs:"
              + " one of the two was rolled back alone. Roll back the other to the same run.",
          TableNames.plain(names.sessions()), content, belongsTo, TableNames.plain(names.open()));
    }
    if (apart) {
      requireSameStaging(sessions, belongsTo, open);
    }
    return new Base(
        sessions.currentSnapshot().snapshotId(),
        open.currentSnapshot().snapshotId(),
        sessionsSummary,
        openSummary,
        apart);
  }

  /**
   * What stands in the sessions table beyond the staging table's commit point was built on that
   * very staging table, unless somebody has moved the latter back since.
   */
  private void requireSameStaging(Table sessions, long belongsTo, Table open) {
    long current = open.currentSnapshot().snapshotId();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(sessions)) {
      if (snapshot.snapshotId() == belongsTo) {
        return;
      }
      if (RunSummary.isIn(snapshot.summary())) {
        long builtOn = RunSummary.ofProperties(snapshot.summary()).openSnapshot();
        if (open.snapshot(builtOn) != null && !SnapshotUtil.isAncestorOf(open, current, builtOn)) {
          throw Failure.broken(
              "The staging table %s stands at snapshot %d, but %s was built on %d: one of the two was rolled back"
                  + " alone. Roll back the other to the same run.",
              TableNames.plain(names.open()), current, TableNames.plain(names.sessions()), builtOn);
        }
      }
    }
  }

  /** The open sessions of the base, with the columns of {@link SessionRows#SESSION}. */
  public Dataset<Row> open(Base base) {
    return at(names.open(), base.openSnapshot());
  }

  /**
   * The published rows that new events may touch: of each user concerned, those that end no earlier
   * than a timeout before the given time.
   *
   * @param concern columns {@code uuid} and {@code from_ms}
   * @param earliestMs the least {@code from_ms}; a literal, so that whole days are pruned
   */
  public Dataset<Row> published(Base base, Dataset<Row> concern, long earliestMs, Rules rules) {
    long firstStart = earliestMs - rules.timeoutMs() - rules.maxMs();
    return at(names.sessions(), base.sessionsSnapshot())
        .where(col("session_start").geq(lit(new Timestamp(firstStart))))
        .join(concern, "uuid")
        .where(col("session_end_time_ms").geq(col("from_ms").minus(rules.timeoutMs())))
        .select(SessionRows.columns());
  }

  /** The published rows of these UTC days, with Iceberg's metadata columns at hand. */
  public Dataset<Row> sessions(Base base, Collection<LocalDate> days) {
    return at(names.sessions(), base.sessionsSnapshot())
        .where(Days.condition("session_start", days));
  }

  /** A batch's unpublished work on this base. */
  public Publication publication(Base base) {
    return new Publication(
        spark, names, load(names.sessions()), load(names.open()), load(names.rejected()), base);
  }

  private Dataset<Row> at(String table, long snapshot) {
    return spark.read().option("snapshot-id", snapshot).table(table);
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

  Table load(String table) {
    try {
      return Spark3Util.loadIcebergTable(spark, table);
    } catch (NoSuchTableException e) {
      throw Failure.usage(
          "There is no table %s: the first run makes it. Check --warehouse, --iceberg-database and --iceberg-table.",
          TableNames.plain(table));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the live view, where the catalog has views. */
  private void createView() {
    Catalog catalog = Spark3Util.loadIcebergCatalog(spark, names.catalog());
    TableIdentifier live =
        TableIdentifier.of(Namespace.of(names.database()), names.table() + "_live");
    try {
      if (!(catalog instanceof ViewCatalog views)) {
        throw new UnsupportedOperationException(catalog.getClass().getName());
      }
      if (!views.viewExists(live)) {
        spark.sql(Sql.named("schema/live").with(names).text());
      }
    } catch (UnsupportedOperationException e) {
      LOG.warn("Catalog {} has no views: there will be no {}", names.catalog(), live);
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

  private static RunSummary summary(Table table, String name) {
    return RunSummary.ofProperties(Lineage.newestSummary(table, name));
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
        Watermark.NONE,
        0,
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

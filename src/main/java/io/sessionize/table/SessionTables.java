package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.column.ColumnIntake;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.registry.RegisteredSchema;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.spark.internal.StagedRows;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Creates, checks and opens the tables of one job, and finds the base of the next batch. */
public final class SessionTables {
  private final SparkSession spark;
  private final TableNames names;
  private final TableLoader loader;
  private final BaseCheck check;
  private final TableDefinition sessionsDefinition;
  private final TableDefinition openDefinition;
  private final TableDefinition rejectedDefinition;

  public SessionTables(SparkSession spark, TableNames names) {
    this(spark, names, TableLoader.of(spark, names));
  }

  /** The tables of a driver that commits batch after batch: see {@link TableLoader#keeping}. */
  public static SessionTables kept(SparkSession spark, TableNames names) {
    return new SessionTables(spark, names, TableLoader.keeping(spark, names));
  }

  private SessionTables(SparkSession spark, TableNames names, TableLoader loader) {
    this.loader = loader;
    this.spark = spark;
    this.names = names;
    this.check = new BaseCheck(names);
    this.sessionsDefinition =
        new TableDefinition(spark, names.sessions(), Sql.named("schema/sessions").with(names));
    this.openDefinition =
        new TableDefinition(spark, names.open(), Sql.named("schema/open").with(names));
    this.rejectedDefinition =
        new TableDefinition(spark, names.rejected(), Sql.named("schema/rejected").with(names));
  }

  /** Loads all tables anew when they are next used, also those that are kept. */
  public void forget() {
    loader.forget();
  }

  /**
   * Finds the base of the next batch without creating or changing a table.
   *
   * @return empty, if there is no commit point yet
   * @throws Failure of usage, if a newer version of the job made the tables; broken, if they do not
   *     belong together or are not tables of this job
   */
  public Optional<Base> findBase() {
    Optional<Table> open = find(openDefinition);
    Optional<Table> sessions = find(sessionsDefinition);
    find(rejectedDefinition);
    if (open.isPresent() && open.get().currentSnapshot() != null) {
      return Optional.of(
          check.base(
              open.get(), sessions.orElseThrow(() -> Lineage.withoutCommit(names.sessions()))));
    }
    if (sessions.isPresent() && sessions.get().currentSnapshot() != null) {
      check.requireUnused(sessions.get());
    }
    return Optional.empty();
  }

  /**
   * Creates what is missing: tables, columns of this version, the live view. Each new table gets an
   * empty commit, so that a missing permission fails here and not after an hour of work.
   *
   * @param start summary of the first commit
   * @param given definition, which the tables take in
   * @param columns session columns, which they take in
   * @throws Failure as {@link #findBase} and {@link #requireTakesIn}, before anything is created or
   *     changed
   */
  public void create(RunSummary start, GivenDefinition given, ColumnIntake columns) {
    findBase();
    if (loader.find(names.sessions()).isEmpty()) {
      spark.sql("CREATE NAMESPACE IF NOT EXISTS " + names.namespace());
    }
    Table sessions = create(sessionsDefinition);
    Table open = create(openDefinition);
    Table rejected = create(rejectedDefinition);
    new Intake(start, given, columns).execute(sessionsDefinition, sessions, openDefinition, open);
    rejectedDefinition.upgrade(rejected, none -> none);
    commitFirst(sessions, start.toProperties());
    if (open.currentSnapshot() == null) {
      commitFirst(open, start.toProperties(load(names.sessions()).currentSnapshot().snapshotId()));
    }
    commitFirst(rejected, start.toProperties());
    new LiveView(spark, names, Recorded.in(sessions)).create();
  }

  /** Creates what is missing, for the built-in definition or the recorded one. */
  public void create(RunSummary start) {
    create(start, GivenDefinition.NONE, ColumnIntake.NOTHING);
  }

  /**
   * Checks that the tables, which may be missing, can take in a definition and session columns.
   * Changes nothing.
   *
   * @throws Failure of usage, if they cannot
   */
  public void requireTakesIn(RunSummary start, GivenDefinition given, ColumnIntake columns) {
    new Intake(start, given, columns)
        .require(
            sessionsDefinition,
            loader.find(names.sessions()),
            openDefinition,
            loader.find(names.open()));
  }

  /** Returns the columns of all rows of the tables, with the session columns in use. */
  public RowSchemas schemas() {
    Recorded recorded = Recorded.in(load(names.sessions()));
    return RowSchemas.of(recorded.definitions().properties(), recorded.columns().used());
  }

  /** Returns the columns of all rows, with the session columns that are not in use any more too. */
  public RowSchemas allSchemas() {
    Recorded recorded = Recorded.in(load(names.sessions()));
    return RowSchemas.of(recorded.definitions().properties(), recorded.columns().all());
  }

  private static RowSchemas schemas(Base base) {
    return RowSchemas.of(base.definitions().properties(), base.columns().used());
  }

  /**
   * Returns the current snapshots of both tables as the base of a batch.
   *
   * @throws Failure broken, if they do not belong together or are not tables of this job; of usage,
   *     if another version of the job made them
   */
  public Base base() {
    return base(check::base);
  }

  /**
   * Returns the current snapshots of both tables, whether or not they belong together. A batch must
   * not build on it.
   *
   * @throws Failure broken, if they are not tables of this job, or have no Sessionize commit; of
   *     usage, if another version of the job made them
   */
  public Base foundBase() {
    return base(check::found);
  }

  private Base base(BiFunction<Table, Table, Base> find) {
    // Staging first: if another driver publishes in between, staging is the older one, as after a
    // crash.
    Table open = load(names.open());
    Table sessions = load(names.sessions());
    Recorded recorded = Recorded.in(open);
    openDefinition.requireComplete(open, recorded);
    sessionsDefinition.requireComplete(sessions, recorded);
    return find.apply(open, sessions);
  }

  /**
   * Returns the base with the current snapshots, if all commits since only moved rows.
   *
   * @throws Failure conflict, if the rows of a table have changed
   */
  public Base moved(Base base) {
    return check.moved(base, load(names.open()), load(names.sessions()));
  }

  /**
   * Returns the recovery of a staging table without a commit point. A missing staging table is
   * created.
   *
   * @throws Failure of usage, if staging has a commit point, or there is no sessions table; as
   *     {@link #findBase} otherwise
   */
  public Recovery recovery() {
    Table sessions = sessionsTable();
    check.requireSnapshot(sessions);
    Table staging = create(openDefinition);
    openDefinition.restore(staging, own -> own.orNewer(sessions));
    // A recovery can be repeated with other offsets, until a run has committed.
    if (Lineage.summary(staging).filter(last -> !last.work().equals(Work.RECOVER)).isPresent()) {
      throw Failure.usage(
          "%s has a commit point: there is nothing to recover.", TableNames.plain(names.open()));
    }
    return new Recovery(spark, names, sessions, staging);
  }

  /** Returns a reader of both tables at the snapshots of a base. */
  public SessionReader reader(Base base) {
    return new SessionReader(spark, names, base, schemas(base));
  }

  /** Returns the stored rows of the sessions table at the snapshot of a base. */
  public StoredRows storedSessions(Base base) {
    long snapshot = base.sessionsSnapshot();
    return new StoredRows(
        spark, loader.holding(names.sessions(), snapshot), snapshot, schemas(base));
  }

  /** Returns the stored rows of the staging table at the snapshot of a base. */
  public StoredRows storedOpen(Base base) {
    long snapshot = base.openSnapshot();
    return new StoredRows(spark, loader.holding(names.open(), snapshot), snapshot, schemas(base));
  }

  /**
   * Returns the same rows, to find some of them; empty, if an external commit or another version of
   * the job has made any.
   */
  public Optional<StagedRows> stagedRows(Base base) {
    Table open = load(names.open());
    return Lineage.isOfRun(open, base.openSnapshot(), base.open())
        ? Optional.of(new StagedRows(spark, open, base.openSnapshot(), schemas(base)))
        : Optional.empty();
  }

  /**
   * Returns the rows of the sessions table that one snapshot has and another has not, with the
   * columns of {@link #allSchemas}.
   *
   * @param filter true for all rows that may differ
   */
  public Dataset<Row> onlyIn(long snapshot, long other, Expression filter) {
    RowSchemas schemas = allSchemas();
    return new StoredRows(spark, load(names.sessions()), snapshot, schemas)
        .notIn(other, filter)
        .toRows(spark, schemas.known())
        .select(SessionRows.columns(schemas.session()));
  }

  /** Returns the current rows of the staging table. Lazy. */
  public Dataset<Row> open() {
    return spark.table(names.open());
  }

  /** Returns the names of the tables. */
  public TableNames names() {
    return names;
  }

  /**
   * Loads the sessions table.
   *
   * @throws Failure of usage, if it does not exist, or a newer version of the job made it; broken,
   *     if it is not a table of this job
   */
  public Table sessionsTable() {
    Table table = load(names.sessions());
    sessionsDefinition.requireCompatible(table);
    return table;
  }

  /**
   * Loads the staging table.
   *
   * @throws Failure as {@link #sessionsTable}
   */
  public Table stagingTable() {
    Table table = load(names.open());
    openDefinition.requireCompatible(table);
    return table;
  }

  /**
   * Loads the rejected table.
   *
   * @throws Failure as {@link #sessionsTable}; of usage, if it lacks a column
   */
  Table rejectedTable() {
    Table table = load(names.rejected());
    rejectedDefinition.requireComplete(table, Recorded.NONE);
    return table;
  }

  /** Returns the rejected records. Lazy. */
  public Dataset<Row> rejected() {
    return spark.table(names.rejected());
  }

  /** Returns the rejected records of these offsets, and possibly others. Lazy. */
  public Dataset<Row> rejected(OffsetRange range) {
    return rejected().where(OffsetCondition.of("", range));
  }

  /**
   * Returns the schemas of registries that the sessions table has recorded.
   *
   * @param by only those recorded by this time; null for all
   */
  public List<RegisteredSchema> registeredSchemas(Instant by) {
    return RecordedSchemas.in(load(names.sessions()), by);
  }

  /** Records schemas of registries with which records were decoded, once each. */
  public void record(Collection<RegisteredSchema> used) {
    if (!used.isEmpty()) {
      RecordedSchemas.add(load(names.sessions()), used);
    }
  }

  /**
   * Creates the branches of a batch on this base.
   *
   * @throws Failure conflict, if a snapshot of the base was expired
   */
  public Publication publication(Base base) {
    return new Publication(
        spark,
        names,
        loader.holding(names.sessions(), base.sessionsSnapshot()),
        loader.holding(names.open(), base.openSnapshot()),
        load(names.rejected()),
        loader.rejectedEnd(),
        base,
        schemas(base));
  }

  private Table create(TableDefinition definition) {
    // A statement is not executed for an existing table: in a small hour its analysis costs more
    // than the look at the catalog.
    if (loader.find(definition.name()).isEmpty()) {
      spark.sql(definition.statement());
    }
    return load(definition.name());
  }

  private Optional<Table> find(TableDefinition definition) {
    Optional<Table> table = loader.find(definition.name());
    table.ifPresent(definition::requireCompatible);
    return table;
  }

  /**
   * Returns the failure of a batch that could not read its base.
   *
   * @return a conflict, if the base was expired since; otherwise the given exception, unchecked
   */
  public RuntimeException conflictIfExpired(Base base, Exception failed) {
    if (loader.lacks(names.sessions(), base.sessionsSnapshot(), failed)
        || loader.lacks(names.open(), base.openSnapshot(), failed)) {
      return Failure.conflict(
          failed,
          "Other writers have changed %s, and the snapshots that this batch builds on were expired."
              + " Run again.",
          TableNames.plain(names.sessions()));
    }
    return failed instanceof RuntimeException known ? known : new IllegalStateException(failed);
  }

  /**
   * Loads a table by its qualified name, without a check of its schema.
   *
   * @throws Failure of usage, if it does not exist
   */
  public Table load(String table) {
    return loader.load(table);
  }

  private static void commitFirst(Table table, Map<String, String> summary) {
    if (table.currentSnapshot() == null) {
      AppendFiles nothing = table.newAppend();
      summary.forEach(nothing::set);
      // Another driver may be creating the same tables: only the first of the two commits succeeds.
      nothing.validateWith(ancestors -> !ancestors.iterator().hasNext());
      nothing.commit();
    }
  }
}

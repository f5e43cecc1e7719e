package io.sessionize.spark;

import io.sessionize.column.ColumnIntake;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.SessionColumns;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.Limits;
import io.sessionize.event.registry.RegistryAccess;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.job.BatchTransaction;
import io.sessionize.job.Input;
import io.sessionize.job.Job;
import io.sessionize.job.Recomputation;
import io.sessionize.job.Store;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Rules;
import io.sessionize.spark.internal.ColumnSql;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.spark.internal.Records;
import io.sessionize.spark.internal.RuleConditions;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import io.sessionize.summary.Work.Command;
import io.sessionize.table.RejectedReader;
import io.sessionize.table.SessionTables;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/** Accesses the job's Iceberg tables through Spark. */
public final class SparkStore implements Store<Records> {
  private final SparkSession spark;
  private final SessionTables tables;
  private final RegistrySettings registries;
  private final long maxBytes;
  private final StagingPolicy staging;

  /** The tables of a job. The size of its batches is not limited. */
  public SparkStore(SparkSession spark, Job job) {
    this(spark, job, RegistrySettings.NONE, Long.MAX_VALUE);
  }

  /**
   * The tables of a job.
   *
   * @param registries user of the schema registries of its topics
   * @param maxBytes bytes of a batch's records in one process, after which the batch fails with
   *     {@link io.sessionize.job.BatchTooLargeException}
   */
  public SparkStore(SparkSession spark, Job job, RegistrySettings registries, long maxBytes) {
    this(spark, new SessionTables(spark, job.names()), registries, maxBytes, StagingPolicy.DEFAULT);
  }

  private SparkStore(
      SparkSession spark,
      SessionTables tables,
      RegistrySettings registries,
      long maxBytes,
      StagingPolicy staging) {
    this.staging = staging;
    this.spark = spark;
    this.registries = registries;
    this.tables = tables;
    this.maxBytes = maxBytes;
  }

  /** The tables of a job that runs batch after batch: see {@link SessionTables#kept}. */
  public static SparkStore kept(
      SparkSession spark, Job job, RegistrySettings registries, long maxBytes) {
    return new SparkStore(
        spark, SessionTables.kept(spark, job.names()), registries, maxBytes, StagingPolicy.DEFAULT);
  }

  /** The same tables, of which batches change or replace the rows of staging by a policy. */
  public SparkStore staging(StagingPolicy policy) {
    return new SparkStore(spark, tables, registries, maxBytes, policy);
  }

  @Override
  public Optional<Base> find() {
    return tables.findBase();
  }

  @Override
  public void create(
      RunSummary start, GivenDefinition definition, GivenColumns columns, boolean remakes) {
    // Before the tables take it in.
    definition.optional().ifPresent(given -> EventFilter.of(spark, given));
    if (find().isEmpty()) {
      // Those of existing tables may name a property that the given definition no longer has.
      definition
          .optional()
          .ifPresent(given -> RuleConditions.of(spark, Rules.parse(start.rules()), given));
    }
    tables.create(start, definition, intake(columns, remakes));
  }

  @Override
  public void requireTakesIn(RunSummary start, GivenDefinition definition, GivenColumns columns) {
    if (columns.isGiven() || definition.optional().isPresent()) {
      tables.requireTakesIn(start, definition, intake(columns, false));
    }
  }

  @Override
  public void requireConditions(Base base, Rules rules) {
    RuleConditions.of(spark, rules, RowSchemas.of(base.definitions().properties()));
  }

  private ColumnIntake intake(GivenColumns columns, boolean remakes) {
    return (recorded, properties, hasRead) -> {
      Function<GivenColumns, SessionColumns> typed =
          given -> ColumnSql.typed(spark, given, properties);
      return columns.takenInto(recorded, remakes || !hasRead, typed).retyped(typed);
    };
  }

  @Override
  public Base base() {
    return tables.base();
  }

  @Override
  public void forget() {
    tables.forget();
  }

  @Override
  public long sessionsWithoutEventIds(Base base) {
    return tables.reader(base).withoutEventIds();
  }

  @Override
  public Records rejected(Base base, Optional<String> reason) {
    return Records.ofTable(new RejectedReader(spark, tables).notTakenIn(base.progress(), reason));
  }

  @Override
  public BatchTransaction recompute(Base base, Rules rules, Recomputation what, Limits limits) {
    return SparkTransaction.recompute(spark, tables, rules, base, what, limits);
  }

  @Override
  public Set<LocalDate> startDays(Base base) {
    return tables.reader(base).startDays();
  }

  @Override
  public Base given(Base base, GivenColumns columns) {
    ColumnIntake intake = intake(columns, true);
    tables.requireTakesIn(base.open(), GivenDefinition.NONE, intake);
    return base.using(
        intake.apply(base.columns(), base.definitions().properties(), base.progress().hasRead()));
  }

  @Override
  public SortedMap<String, Long> changedColumns(Base base, LocalDate from, LocalDate to) {
    return ColumnTransaction.changed(spark, tables, base, from, to);
  }

  @Override
  public BatchTransaction columns(Base base, Work work) {
    return ColumnTransaction.of(spark, tables, base, work);
  }

  @Override
  public BatchTransaction begin(
      Base base, Rules rules, Input<Records> input, Limits limits, long runTimeMs) {
    SparkTransaction transaction =
        SparkTransaction.ofRecords(
            spark,
            tables,
            rules,
            base,
            input,
            limits,
            RegistryAccess.of(registries),
            maxBytes,
            runTimeMs);
    transaction.changingStaging(staging);
    return input.work().command() == Command.RETRY
        ? transaction.retrying(input.records().rows())
        : transaction;
  }
}

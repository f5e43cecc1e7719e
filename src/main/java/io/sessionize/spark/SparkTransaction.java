package io.sessionize.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Definition;
import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.event.registry.RegistryAccess;
import io.sessionize.event.registry.RegistryFormats;
import io.sessionize.event.registry.Schemas;
import io.sessionize.job.Input;
import io.sessionize.job.OutcomeStats;
import io.sessionize.job.Preview;
import io.sessionize.job.ReadStats;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.spark.internal.BatchSchemas;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.ReadLimit;
import io.sessionize.spark.internal.RecordDecoding;
import io.sessionize.spark.internal.Records;
import io.sessionize.spark.internal.RestateUsers;
import io.sessionize.spark.internal.RuleConditions;
import io.sessionize.spark.internal.SessionExpressions;
import io.sessionize.spark.internal.UserShuffle;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work.Command;
import io.sessionize.table.SessionTables;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.FileScanTask;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Executes one batch on Spark and Iceberg: one decode, one shuffle by user, one pass over each
 * user's sorted events.
 */
public final class SparkTransaction extends OutcomeTransaction {
  private final SessionExpressions columns;
  private final Rules rules;
  private final RuleConditions conditions;
  private final UserShuffle records;
  private final Recomputation recomputation;
  private final DamagedRows damagedRows;
  private final SetAside setAside;
  private Dataset<Row> retried;
  private BatchSchemas registered;
  private KnownSessions known;
  private StagingPolicy policy = StagingPolicy.REPLACE;
  private StagingChange change;
  private ReadStats read = ReadStats.NOTHING;
  private RuleConditions.Counted counted;
  private SessionExpressions counting;

  private SparkTransaction(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      UserShuffle records,
      Recomputation recomputation,
      DamagedRows damagedRows,
      SetAside setAside) {
    this(
        spark,
        tables,
        SessionExpressions.of(spark, base.columns(), base.definitions().properties()),
        rules,
        base,
        records,
        recomputation,
        damagedRows,
        setAside);
  }

  private SparkTransaction(
      SparkSession spark,
      SessionTables tables,
      SessionExpressions columns,
      Rules rules,
      Base base,
      UserShuffle records,
      Recomputation recomputation,
      DamagedRows damagedRows,
      SetAside setAside) {
    super(spark, tables, columns.schemas(), base);
    this.columns = columns;
    this.rules = rules;
    this.conditions = RuleConditions.of(spark, rules, schemas);
    this.records = records;
    this.recomputation = recomputation;
    this.damagedRows = damagedRows;
    this.setAside = setAside;
    buildOn(base);
  }

  @Override
  void buildOn(Base current) {
    known = new KnownSessions(spark, tables, current, rules, current.newlySetAside(setAside));
  }

  /**
   * A batch of Kafka records; without records for an idle step.
   *
   * @param registries how schemas are got that the tables have not recorded
   * @param maxBytes bytes of the records in one process, after which {@link #read} fails;
   *     Long.MAX_VALUE for no limit
   */
  public static SparkTransaction ofRecords(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      Input<Records> input,
      Limits limits,
      RegistryAccess registries,
      long maxBytes,
      long runTimeMs) {
    DamagedRows damagedRows = input.damagedRows();
    if (input.records() == null) {
      return new SparkTransaction(
          spark, tables, rules, base, null, null, damagedRows, limits.setAside());
    }
    Definitions definitions = base.definitions().boundTo(base.progress().topics().keySet());
    requireMappings(definitions.inUse(), input);
    BatchSchemas registered =
        new BatchSchemas(spark, schemas(spark, tables, definitions.inUse(), registries));
    RecordDecoding decoding =
        new RecordDecoding(
            definitions,
            input.partitions(),
            registered,
            EventFilter.of(spark, definitions.inUse(), RowSchemas.of(definitions.properties())),
            limits,
            ReadLimit.of(maxBytes),
            input.users());
    UserShuffle records =
        UserShuffle.ofRecords(
            spark, input.records(), decoding, base.affected(rules).lateBeforeMs(), runTimeMs);
    SparkTransaction transaction =
        new SparkTransaction(
            spark, tables, rules, base, records, null, damagedRows, limits.setAside());
    transaction.registered = registered;
    return transaction;
  }

  /** Topics can be given that the definition in use does not have. */
  private static void requireMappings(Definition definition, Input<Records> input) {
    Set<String> missing = new TreeSet<>(input.topics().keySet());
    missing.removeAll(definition.topics().keySet());
    if (!missing.isEmpty() && input.work().command() != Command.RETRY) {
      throw Failure.usage(
          "The definition in use has no topic %s: give a --definition that has it.",
          String.join(", ", missing));
    }
  }

  private static Schemas schemas(
      SparkSession spark, SessionTables tables, Definition definition, RegistryAccess registries) {
    if (!RegistryFormats.areUsedBy(definition)) {
      return Schemas.NONE;
    }
    if (!spark.sparkContext().getConf().getBoolean(CatalogCredentials.ALLOWED, false)) {
      RegistryFormats.requireEncrypted(definition, registries.settings());
    }
    return new Schemas(registries, tables.registeredSchemas(registries.replayed()));
  }

  /**
   * A batch of decoded records.
   *
   * @param decoded rows of {@link DecodedRows}
   * @param partitions whose indexes these rows have
   * @param setAside users of whom the tables are to hold no session
   */
  public static SparkTransaction ofDecoded(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      InternalRows decoded,
      List<Partition> partitions,
      long runTimeMs,
      DamagedRows damagedRows,
      SetAside setAside) {
    UserShuffle records =
        UserShuffle.ofDecoded(
            spark,
            RowSchemas.of(base.definitions().properties()),
            decoded,
            partitions,
            base.affected(rules).lateBeforeMs(),
            runTimeMs);
    return new SparkTransaction(spark, tables, rules, base, records, null, damagedRows, setAside);
  }

  /** A recompute: without records; all events come from the tables. */
  public static SparkTransaction recompute(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      Recomputation what,
      Limits limits) {
    return new SparkTransaction(
        spark, tables, rules, base, null, what, DamagedRows.REMAKE, limits.setAside());
  }

  /** Says that the records of this batch are rejected ones, with the columns of their table. */
  SparkTransaction retrying(Dataset<Row> rejected) {
    retried = rejected;
    return this;
  }

  /** Lets this batch change some rows of staging instead of replacing all. */
  SparkTransaction changingStaging(StagingPolicy by) {
    policy = by;
    return this;
  }

  @Override
  public ReadStats read() {
    if (records == null) {
      return ReadStats.NOTHING;
    }
    SparkContext context = spark.sparkContext();
    String before = context.getLocalProperty(ReadProgressListener.JOB_DESCRIPTION);
    context.setJobDescription(ReadProgressListener.DESCRIPTION);
    try {
      read = records.read();
      return read;
    } finally {
      context.setJobDescription(before);
    }
  }

  @Override
  InternalRows compute(boolean lookUp, Watermark after) {
    counted = conditions.counted(spark);
    counting = columns.counted(spark);
    if (change != null) {
      change.close();
    }
    long closedBeforeMs = after.publishedMs() - rules.timeoutMs();
    change =
        recomputation == null && base().holdsOpenAsMade(rules, setAside, Version.TEXT)
            ? StagingChange.find(
                spark, tables, base(), policy, records, read.events(), closedBeforeMs)
            : null;
    InternalRows sessions =
        recomputation == null
            ? known.ofBatch(records, read.lateness().late(), lookUp, change)
            : known.ofRecompute(recomputation);
    return RestateUsers.restated(
        counting,
        rules,
        counted,
        records == null ? UserShuffle.none(spark) : records.events(),
        UserShuffle.byUser(spark, sessions, schemas.known()),
        after.publishedMs(),
        damagedRows,
        setAside);
  }

  @Override
  StagingChange stagingChange() {
    return change;
  }

  @Override
  void replaceStaging() {
    policy = StagingPolicy.REPLACE;
  }

  @Override
  public void close() {
    try {
      if (change != null) {
        change.close();
      }
    } finally {
      super.close();
    }
  }

  @Override
  OutcomeStats completed(OutcomeStats made) {
    counting.warnOfFailed();
    OutcomeStats complete = made.withFailedConditions(counted.failed());
    return change == null ? complete : change.added(complete);
  }

  @Override
  List<FileScanTask> files() {
    return known.files();
  }

  private Dataset<Row> decoded() {
    return records == null ? DecodedRows.none(spark, schemas) : records.rows();
  }

  @Override
  public Dataset<Row> rejected() {
    return decoded().where("rejected IS NOT NULL").select("rejected.*");
  }

  @Override
  public Preview preview(int most) {
    long users = decoded().where("uuid IS NOT NULL").select("uuid").distinct().count();
    return ChangePreview.of(tables.reader(base()), outcomes(), users, made().days(), most);
  }

  @Override
  public boolean lacksRejected() {
    if (read.rejectedTotal() == 0) {
      return false;
    }
    Dataset<Row> rejected = rejected();
    Dataset<Row> stored = tables.rejected(read.rejectedOffsets());
    return !rejected
        .join(stored, DecodedRows.isSameRecord(rejected, stored), "left_anti")
        .isEmpty();
  }

  @Override
  public String mostFrequentRejection() {
    return rejected()
        .where(col("reason").notEqual(Reason.SET_ASIDE.text()))
        .groupBy("reason", "detail")
        .agg(count("*").as("records"))
        .orderBy(col("records").desc(), col("reason"), col("detail"))
        .limit(1)
        .collectAsList()
        .stream()
        .map(row -> String.format("%s, %s (%d records)", row.get(0), row.get(1), row.get(2)))
        .findFirst()
        .orElse("none");
  }

  @Override
  public void mergeSessions(RunSummary summary) {
    if (registered != null) {
      tables.record(registered.used());
    }
    super.mergeSessions(summary);
  }

  @Override
  public void addRejected(RunSummary summary) {
    publication().addRejected(rejected(), read.rejectedOffsets(), summary);
  }

  @Override
  public void markTakenIn(RunSummary summary) {
    Dataset<Row> again = rejected();
    Dataset<Row> takenIn =
        retried.join(again, DecodedRows.isSameRecord(retried, again), "left_anti");
    publication()
        .markTakenIn(
            takenIn.select(DecodedRows.keyColumns()).distinct(), offsets(takenIn), summary);
  }

  private static OffsetRange offsets(Dataset<Row> records) {
    Map<Partition, Long> from = new TreeMap<>();
    Map<Partition, Long> to = new TreeMap<>();
    for (Row row :
        records.groupBy("topic", "partition").agg(min("offset"), max("offset")).collectAsList()) {
      Partition partition = new Partition(row.getString(0), row.getInt(1));
      from.put(partition, row.getLong(2));
      to.put(partition, row.getLong(3) + 1);
    }
    return new OffsetRange(new Offsets(from), new Offsets(to));
  }
}

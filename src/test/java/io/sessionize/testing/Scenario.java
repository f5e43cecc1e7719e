package io.sessionize.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.sessionize.Failure;
import io.sessionize.audit.proof.Proof;
import io.sessionize.column.GivenColumns;
import io.sessionize.event.Definition;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.job.Backfill;
import io.sessionize.job.Backfilled;
import io.sessionize.job.BatchReport;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.job.Job;
import io.sessionize.job.MaxRejected;
import io.sessionize.job.Rebinding;
import io.sessionize.job.Recomputation;
import io.sessionize.job.Recompute;
import io.sessionize.job.Recomputed;
import io.sessionize.job.Retry;
import io.sessionize.job.Run;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Oracle;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.spark.KafkaStream;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.SparkStore;
import io.sessionize.spark.StagingPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.function.Executable;

/**
 * One job with its own topic, tables and checkpoint, for scenario tests: send clicks, run at a
 * given time, check the tables.
 */
public final class Scenario extends ScenarioTables {
  private final TestBroker broker;
  private Set<String> setAside;
  private final Path checkpoint = TestSpark.warehouse().resolve("_checkpoints/" + names().table());
  private final List<BatchReport> batches = new ArrayList<>();
  private ScenarioTopics topics;
  private Rules rules = Rules.DEFAULT;
  private GivenRules given = GivenRules.all(rules);
  private Long maxOffsets;
  private boolean offsetsHaveHoles;
  private boolean failOnDataLoss = true;
  private Duration lateHorizon;
  private GivenDefinition definition = GivenDefinition.NONE;
  private GivenColumns columns = GivenColumns.NONE;
  private MaxRejected maxRejected = MaxRejected.ANY;
  private Map<String, String> kafkaSettings = Map.of();
  private StagingPolicy staging = StagingPolicy.DEFAULT;

  /** The current snapshots of the tables. */
  public record Snapshots(long sessions, long open, long rejected) {}

  public Scenario(int partitions) {
    this(TestBroker.shared(), partitions);
  }

  /** A scenario on a broker that the test may stop or kill. */
  public Scenario(TestBroker broker, int partitions) {
    this.broker = broker;
    topics = new ScenarioTopics(broker, partitions);
  }

  public TestBroker broker() {
    return broker;
  }

  public ScenarioTopic topic() {
    return topics.first();
  }

  public Scenario rules(Rules newRules) {
    rules = newRules;
    given = GivenRules.all(rules);
    return this;
  }

  /** Gives only these rules from now on; the tables must record these others. */
  public Scenario rules(GivenRules some, Rules others) {
    given = some;
    rules = some.apply(others);
    return this;
  }

  /** Sets whether the batches of runs, backfills and retries change or replace staging. */
  public Scenario staging(StagingPolicy policy) {
    staging = policy;
    return this;
  }

  public Scenario maxOffsets(long limit) {
    maxOffsets = limit;
    return this;
  }

  /** With transactions, some offsets have no record. */
  public Scenario offsetsHaveHoles() {
    offsetsHaveHoles = true;
    return this;
  }

  /** Sets the timeout for an unreachable broker; a run waits twice this time. */
  public Scenario patienceMs(int patienceMs) {
    String timeout = Integer.toString(patienceMs);
    kafkaSettings = Map.of("default.api.timeout.ms", timeout, "request.timeout.ms", timeout);
    return this;
  }

  /** Sets exactly these users aside from the next run on; null leaves them as they are. */
  public void setAside(Set<String> users) {
    setAside = users;
  }

  /** Gives these session columns from now on. */
  public Scenario columns(GivenColumns newColumns) {
    columns = newColumns;
    return this;
  }

  /** Gives this definition from now on; null for the recorded one. */
  public Scenario definition(Definition newDefinition) {
    definition = new GivenDefinition(newDefinition);
    return this;
  }

  /** Sets the late horizon. */
  public Scenario lateHorizon(Duration horizon) {
    lateHorizon = horizon;
    return this;
  }

  /** Sets the greatest share of rejected records with which a batch is published. */
  public void maxRejected(MaxRejected share) {
    maxRejected = share;
  }

  public Scenario goesOnAfterDataLoss() {
    failOnDataLoss = false;
    return this;
  }

  /** Continues with the same tables and another topic. */
  public void readAnotherTopic() {
    topics = new ScenarioTopics(broker, 1);
  }

  /** The topics that are read. */
  public ScenarioTopics topics() {
    return topics;
  }

  private KafkaReadOptions source(Long offsets, boolean fails) {
    return topics.source(offsets, fails, kafkaSettings);
  }

  /** Binds the tables to the current topic. */
  public Rebinding.Bound rebind(Offsets from, boolean mayDouble) {
    Job job = job("12:00");
    KafkaReadOptions source = source(maxOffsets, failOnDataLoss);
    SparkSession spark = TestSpark.session();
    return new Rebinding<>(
            store(spark, job, source),
            stream(spark, source, checkpoint),
            job,
            CrashPoint.Probe.NONE)
        .execute(from, mayDouble);
  }

  public void send(TestClick... clicks) {
    topic().send(List.of(clicks));
  }

  /** Runs, and expects a commit. */
  public BatchReport runAt(String time) {
    return runAt(time, () -> false).orElseGet(() -> fail("The run found nothing to do"));
  }

  public Optional<BatchReport> runAt(String time, BooleanSupplier stop) {
    BatchReport done =
        newRun(TestSpark.session(), time, checkpoint, CrashPoint.Probe.NONE).execute(stop);
    Optional<BatchReport> report = Optional.of(done).filter(run -> !run.isNothing());
    report.ifPresent(this::assertAddsUp);
    return report;
  }

  /** Runs, and expects no commit and no write. */
  public void assertNothingToDoAt(String time) {
    Snapshots before = snapshots();
    assertEquals(Optional.empty(), runAt(time, () -> false));
    assertEquals(before, snapshots());
  }

  /** Runs, and expects a failure that changes neither tables nor view nor checkpoint. */
  public Failure assertRefusedAt(String time, Failure.Kind kind) {
    Footprint before = Footprint.of(names(), checkpoint);
    Failure failure = assertThrows(Failure.class, () -> runAt(time));
    assertEquals(kind, failure.kind(), failure.getMessage());
    assertEquals(before, Footprint.of(names(), checkpoint));
    return failure;
  }

  /** Runs, and crashes at this crash point. */
  public void crashAt(String time, CrashPoint point) {
    Run<?> run = newRun(TestSpark.session(), time, checkpoint, crashAt(point));
    assertCrash(point, () -> run.execute(() -> false));
  }

  private static CrashPoint.Probe crashAt(CrashPoint point) {
    return passed -> {
      if (passed == point) {
        throw new UnsupportedOperationException("crash at " + point);
      }
    };
  }

  private static void assertCrash(CrashPoint point, Executable driver) {
    Throwable thrown = assertThrows(RuntimeException.class, driver);
    while (thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertEquals("crash at " + point, thrown.getMessage());
  }

  /** A run that the test starts itself; another Spark session acts as another driver. */
  public Run<?> newRun(
      SparkSession spark, String time, Path checkpointFolder, CrashPoint.Probe probe) {
    // As SparkJobs, with another policy.
    Job job = job(time);
    KafkaReadOptions source = source(maxOffsets, failOnDataLoss);
    return new Run<>(
        store(spark, job, source),
        stream(spark, source, checkpointFolder),
        job,
        batches::add,
        probe);
  }

  private SparkStore store(SparkSession spark, Job job, KafkaReadOptions source) {
    return new SparkStore(spark, job, source.connection().registries(), source.maxBytes())
        .staging(staging);
  }

  private static KafkaStream stream(SparkSession spark, KafkaReadOptions source, Path folder) {
    return new KafkaStream(spark, SparkSessions.forStreams(spark), source, folder.toString());
  }

  /** A run of continuous mode, which the test starts again and again, and closes. */
  public FollowingRun<?> following(LongSupplier clock) {
    return following(clock, CrashPoint.Probe.NONE);
  }

  public FollowingRun<?> following(LongSupplier clock, CrashPoint.Probe probe) {
    // As SparkJobs, with another policy.
    SparkSession spark = TestSpark.session();
    Job job = job(clock);
    KafkaReadOptions source = source(maxOffsets, failOnDataLoss);
    return new FollowingRun<>(
        SparkStore.kept(spark, job, source.connection().registries(), source.maxBytes())
            .staging(staging),
        KafkaStream.ofRanges(spark, source, checkpoint.toString()),
        job,
        batches::add,
        probe);
  }

  private Job job(String time) {
    long ms = TestClick.at(time);
    return job(() -> ms);
  }

  private Job job(LongSupplier clock) {
    Job job = TestSpark.job(names(), rules, lateHorizon, 0);
    return new Job(
        job.names(),
        given,
        job.watermarkDelay(),
        job.lateHorizon(),
        job.clockSkew(),
        clock,
        setAside,
        topics.definition(definition),
        columns,
        maxRejected,
        topics.dropped());
  }

  /**
   * A backfill.
   *
   * @param apply false for a dry run
   * @param users empty for all users
   */
  public Backfilled backfill(OffsetRange range, boolean apply, String... users) {
    return backfill(range, apply, CrashPoint.Probe.NONE, users);
  }

  public Backfilled backfill(
      OffsetRange range, boolean apply, CrashPoint.Probe probe, String... users) {
    Job job = job("2026-04-01T00:00");
    KafkaReadOptions source = source(null, true);
    SparkSession spark = TestSpark.session();
    return new Backfill<>(store(spark, job, source), stream(spark, source, checkpoint), job, probe)
        .execute(range, Set.of(users), apply);
  }

  /**
   * A retry of rejected records.
   *
   * @param reason null for all reasons
   * @param apply false for a dry run
   */
  public Backfilled retry(String reason, boolean apply) {
    Job job = job("2026-04-01T00:00");
    SparkStore store = new SparkStore(TestSpark.session(), job).staging(staging);
    return new Retry<>(store, job, CrashPoint.Probe.NONE)
        .execute(Optional.ofNullable(reason), apply);
  }

  /** A retry of all rejected records that crashes at this crash point. */
  public void crashRetryAt(CrashPoint point) {
    Job job = job("2026-04-01T00:00");
    assertCrash(
        point,
        () ->
            SparkJobs.retry(TestSpark.session(), job, RegistrySettings.NONE, crashAt(point))
                .execute(Optional.empty(), true));
  }

  /**
   * A recompute with the current rules of the scenario.
   *
   * @param apply false for a what-if
   */
  public Recomputed recompute(Recomputation what, boolean apply) {
    return recompute().execute(what, apply);
  }

  /** A recompute of the whole table that crashes at this crash point. */
  public void crashRecomputeAt(CrashPoint point) {
    assertCrash(
        point,
        () -> recompute(crashAt(point)).execute(new Recomputation(null, null, Set.of()), true));
  }

  /** A recompute of the session columns alone. */
  public ColumnRecompute<?> columnRecompute(
      ColumnRecompute.Listener listener, CrashPoint.Probe probe) {
    return SparkJobs.columnRecompute(TestSpark.session(), job("2026-04-01T00:00"), listener, probe);
  }

  private Recompute<?> recompute() {
    return recompute(CrashPoint.Probe.NONE);
  }

  private Recompute<?> recompute(CrashPoint.Probe probe) {
    Job job = job("2026-04-01T00:00");
    return SparkJobs.recompute(TestSpark.session(), job, probe);
  }

  /** The proof of past runs from the current tables and topic, with the rules of the scenario. */
  public Proof proof() {
    return proof(recorded -> rules);
  }

  public Proof proofByRecordedRules() {
    return proof(recorded -> recorded);
  }

  private Proof proof(UnaryOperator<Rules> given) {
    return new Proof(TestSpark.session(), names(), given, source(null, true));
  }

  /** The whole current range of the topics. */
  public OffsetRange everything() {
    KafkaTopics now = topics.describe();
    return new OffsetRange(now.earliest(), now.latest());
  }

  /** The batches committed so far. */
  public List<BatchReport> batches() {
    return batches;
  }

  /** The rejected table, in the order of reason and coordinates. */
  public List<ScenarioTopic.Rejected> rejected() {
    List<ScenarioTopic.Rejected> rows = new ArrayList<>();
    for (Row row :
        TestSpark.session()
            .table(names().rejected())
            .where("topic = '" + topic().name() + "'")
            .select("reason", "partition", "offset", "key", "value")
            .collectAsList()) {
      String key = ScenarioTopic.Rejected.bytes(row.getAs(3));
      String value = ScenarioTopic.Rejected.bytes(row.getAs(4));
      rows.add(
          new ScenarioTopic.Rejected(row.getString(0), row.getInt(1), row.getLong(2), key, value));
    }
    return sorted(rows);
  }

  /**
   * Checks the promise: the live view equals what the oracle computes from all valid clicks at
   * once, both tables agree about the sessions that are in both, and every other record is rejected
   * once.
   */
  public void assertEqualToOracle() {
    Map<String, Session> live = live().byId();
    assertEquals(Oracle.sessions(topics.clicks(), rules), live);
    assertEquals(sorted(topic().rejected()), rejected());
    Map<String, Session> both = new TreeMap<>(open().byId());
    Map<String, Session> closed = closed().byId();
    both.forEach((id, session) -> assertEquals(session, closed.getOrDefault(id, session)));
    both.putAll(closed);
    assertEquals(live, both);
  }

  /** Checks only the live view. */
  public void assertLiveEqualToOracle() {
    assertEquals(Oracle.sessions(topics.clicks(), rules), live().byId());
  }

  /** Checks that the reports count every record once. Not valid after a rollback. */
  public void assertReportsCountEverything() {
    BatchReport all = batches.stream().reduce(BatchReport::then).orElseThrow();
    Set<String> identities = new TreeSet<>();
    topic()
        .clicks()
        .forEach(
            click ->
                identities.add(
                    click.event().timeMs() + " " + click.event().id() + " " + click.uuid()));
    assertEquals(topic().clicks().size() + topic().rejected().size(), all.read().records());
    assertEquals(identities.size(), all.read().events());
    assertEquals(topic().clicks().size() - identities.size(), all.read().duplicates());
    assertEquals(topic().rejected().size(), all.read().rejectedTotal());
    assertEquals(open().byId().size(), all.sessions().open());
  }

  public void deleteCheckpoint() {
    Folders.delete(checkpoint);
  }

  public Path checkpoint() {
    return checkpoint;
  }

  /** Copies the current checkpoint, to restore it later or for another driver. */
  public Path copyOfCheckpoint(String suffix) {
    Path copy = checkpoint.resolveSibling(names().table() + suffix);
    Folders.copy(checkpoint, copy);
    return copy;
  }

  public void restoreCheckpoint(Path copy) {
    deleteCheckpoint();
    Folders.copy(copy, checkpoint);
  }

  private void assertAddsUp(BatchReport report) {
    assertEquals(
        report.read().records(),
        report.read().events() + report.read().duplicates() + report.read().rejectedTotal());
    Map<String, Long> counts = report.counts();
    assertEquals(
        counts.get("offsets"),
        counts.get("records") + counts.get("offsets_empty") + counts.get("offsets_lost"));
    assertEquals(
        report.read().events() + report.read().duplicates(),
        counts.get("on_time") + counts.get("late"));
    if (!offsetsHaveHoles) {
      assertEquals(0, counts.get("offsets_empty"));
    }
  }

  private static List<ScenarioTopic.Rejected> sorted(List<ScenarioTopic.Rejected> rows) {
    return rows.stream()
        .sorted(
            Comparator.comparingInt(ScenarioTopic.Rejected::partition)
                .thenComparingLong(ScenarioTopic.Rejected::offset))
        .toList();
  }
}

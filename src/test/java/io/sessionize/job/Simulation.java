package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.column.GivenColumns;
import io.sessionize.event.Definition;
import io.sessionize.event.GivenDefinition;
import io.sessionize.job.MemoryTables.Identity;
import io.sessionize.job.MemoryTables.Read;
import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Oracle;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.ColumnProgress.Through;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import io.sessionize.testing.RandomTraffic;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One job on a topic and tables in memory, for crashes, rollbacks and races. It checks the tables
 * after every commit: at a commit point they hold exactly the sessions of the events that were
 * read.
 */
final class Simulation {
  private static final Duration SKEW = Duration.ofMinutes(10);
  private static final ColumnRecompute.Listener NOBODY =
      new ColumnRecompute.Listener() {
        @Override
        public void left(int days) {}

        @Override
        public void filled(LocalDate day, long changed) {}
      };
  private static final long YEAR_2000_MS = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
  private static final long YEAR_10000_MS = Instant.parse("+10000-01-01T00:00:00Z").toEpochMilli();

  private MemoryTopic topic = new MemoryTopic(2);
  private final MemoryTables tables = new MemoryTables(this::assertCommitPoint);
  private final String name;
  private Duration lateHorizon;
  private Rules rules;
  private boolean followsTables;
  private Set<String> setAside;
  private GivenDefinition definition = GivenDefinition.NONE;
  private Set<String> dropped = Set.of();
  private long maxRecords = Long.MAX_VALUE;
  private long nowMs = RandomTraffic.BEGIN_MS;
  private boolean alternates;
  private int runs;

  /** Simulates a crash. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param name of the history, for messages
   */
  Simulation(String name, Rules rules) {
    this.name = name;
    this.rules = rules;
  }

  MemoryTopic topic() {
    return topic;
  }

  MemoryTables tables() {
    return tables;
  }

  Rules rules() {
    return rules;
  }

  /** Lets every second run be one of continuous mode. */
  void alternatesWithContinuousMode() {
    alternates = true;
  }

  /** Sets from how many records on the batches of a run are too large, and are split. */
  void maxRecords(long limit) {
    maxRecords = limit;
  }

  /** Sets the late horizon. */
  void lateHorizon(Duration horizon) {
    lateHorizon = horizon;
  }

  /** A probe that crashes when a crash point is passed for the n-th time, from 1. */
  static CrashPoint.Probe crashAt(CrashPoint point, int nth) {
    int[] passed = {0};
    return now -> {
      if (now == point && ++passed[0] == nth) {
        throw new Crash();
      }
    };
  }

  BatchReport run(CrashPoint.Probe probe) {
    return run(topic, probe);
  }

  /** Runs with a separate source, as another driver. */
  BatchReport run(MemoryTopic source, CrashPoint.Probe probe) {
    MemoryStore store = new MemoryStore(tables, maxRecords);
    if (alternates && ++runs % 2 == 0) {
      try (FollowingRun<List<Message>> follows =
          new FollowingRun<>(store, source, job(), this::assertAddsUp, probe)) {
        BatchReport report = follows.execute(() -> false);
        // The tables are ready now. Nothing has arrived, but the idle step may close sessions.
        assertEquals(0, follows.execute(() -> false).counts().getOrDefault("records", 0L), name);
        return report;
      }
    }
    return new Run<>(store, source, job(), this::assertAddsUp, probe).execute(() -> false);
  }

  /** Binds the tables to another topic, which the next runs read. */
  Rebinding.Bound rebind(
      MemoryTopic other, Offsets from, boolean mayDouble, CrashPoint.Probe probe) {
    Rebinding.Bound bound = new Rebinding<>(store(), other, job(), probe).execute(from, mayDouble);
    topic = other;
    return bound;
  }

  /** Checks that the live view holds the sessions of all events of the topic. */
  void assertLiveEqualsOracle() {
    List<Click> all = clicks(readNow(topic.messages()));
    assertEquals(Set.of(), differences(Oracle.sessions(all, rules), tables.live()), name);
  }

  /** Backfills a range, read or unread. The tables must exist. */
  void backfill(Offsets from, Offsets to, CrashPoint.Probe probe) {
    Set<String> recorded = tables.open().summary().requireProgress().topics().keySet();
    KafkaTopics known = topic.describe().only(recorded::contains);
    Offsets begin = from.ofTopics(known.names());
    Offsets end = to.ofTopics(known.names());
    Input<List<Message>> range =
        new Input<>(
            topic.range(begin, end),
            known.ids(),
            begin,
            end,
            OffsetRange.NONE,
            Set.of(),
            Work.BACKFILL);
    assertAddsUp(new Batch<>(store(), job(), probe).backfill(range, true).batch());
  }

  /** Takes in the rejected records that are events now. The tables must exist. */
  void retry(Optional<String> reason, CrashPoint.Probe probe) {
    Map<String, Long> counts =
        new Retry<>(store(), job(), probe).execute(reason, true).batch().counts();
    assertEquals(0, counts.get("offsets"), name);
    assertEquals(
        counts.get("records"),
        counts.get("events") + counts.get("duplicates") + counts.get("rejected"),
        name);
  }

  /** Checks that no rejected record is left that is an event while nobody is set aside. */
  void assertAllTakenIn() {
    assertEquals(List.of(), clicks(readNow(tables.rejected(progress(), false))), name);
    assertTakenInAreLive(tables.rejected(progress(), true));
  }

  private Progress progress() {
    return tables.open().summary().requireProgress();
  }

  private void assertTakenInAreLive(List<Message> takenIn) {
    if (takenIn.isEmpty()) {
      return;
    }
    Set<Identity> live = MemoryTables.identities(tables.live().values());
    for (Click click : clicks(readNow(takenIn))) {
      assertTrue(
          live.contains(Identity.of(click.uuid(), click.event())),
          () -> name + ": taken in, but not there " + click);
    }
  }

  /** Recomputes the whole table with these rules, which are then the rules of the job. */
  void recompute(Rules others, CrashPoint.Probe probe) {
    rules = others;
    try {
      new Batch<>(store(), job(GivenRules.all(others)), probe)
          .recompute(Recomputation.EVERYTHING, null);
    } finally {
      useRulesOfTables();
    }
  }

  /** Runs a full or partial recompute with the rules of the job. */
  void recompute(Recomputation what, CrashPoint.Probe probe) {
    new Batch<>(store(), job(), probe).recompute(what, null);
  }

  /**
   * Fills the session columns.
   *
   * @param given none: the recorded ones
   */
  void fillColumns(GivenColumns given, CrashPoint.Probe probe) {
    assertAddsUp(new ColumnRecompute<>(store(), job().with(given), NOBODY, probe).execute());
  }

  /** Checks that all rows follow the session columns in use. */
  void assertColumnsAreComplete() {
    int number = tables.base().columns().number();
    assertEquals(ColumnProgress.complete(number), progress().columns(), name);
    assertColumns();
  }

  /** Checks that the rows follow the session columns as far as the commit point says. */
  private void assertColumns() {
    RunSummary last = tables.open().summary();
    int number =
        last.settings()
            .flatMap(Settings::columns)
            .map(text -> Integer.parseInt(text.substring(0, text.indexOf(':'))))
            .orElse(0);
    ColumnProgress columns = progress().columns();
    LocalDate through =
        columns.complete() == number
            ? LocalDate.MAX
            : columns.through().map(Through::day).orElse(LocalDate.MIN);
    columns.through().ifPresent(filled -> assertEquals(number, filled.number(), name));
    tables
        .sessions()
        .rows()
        .forEach(
            (id, session) ->
                assertTrue(
                    MemoryTransaction.day(session.startMs()).isAfter(through)
                        || tables.sessions().follows(id, number),
                    () -> name + ": does not follow " + number + " " + session));
    assertEquals(number, tables.open().columns(), name);
  }

  void useRulesOfTables() {
    rules = Rules.parse(tables.open().summary().rules());
  }

  /** The rules that the tables record: two if a recompute was interrupted between the commits. */
  List<Rules> rulesOfTables() {
    List<String> named = new ArrayList<>(List.of(tables.open().summary().rules()));
    RunSummary sessions = tables.sessions().summary();
    if (sessions != null && !named.contains(sessions.rules())) {
      named.add(sessions.rules());
    }
    return named.stream().map(Rules::parse).toList();
  }

  /** Sets exactly these users aside from the next run on; null leaves them as they are. */
  void setAside(Set<String> users) {
    setAside = users;
  }

  /** Gives this definition from now on; null for the recorded one. */
  void definition(Definition given) {
    definition = new GivenDefinition(given);
  }

  /** Reads these topics from the next run on, and drops the others. */
  void read(Set<String> topics, Set<String> others) {
    topic.read(topics);
    dropped = others;
  }

  /** Sets the clock of the next runs. */
  void clock(long ms) {
    nowMs = ms;
  }

  /** Advances the clock without new records. */
  void passTime(Duration time) {
    nowMs += time.toMillis();
  }

  /** Checks the promise for the events that were read. */
  void assertEqualToOracle() {
    List<Click> read = clicks(readNow(topic.messages()));
    assertEquals(Set.of(), differences(Oracle.sessions(read, rules), tables.live()), name);
    Set<String> broken =
        topic.messages().stream()
            .filter(record -> !isValid(record) || tables.wereSetAside().contains(record))
            .map(record -> record.partition() + ":" + record.offset())
            .collect(Collectors.toSet());
    assertEquals(broken, tables.rejected(), name);
    assertEquals(
        topic.describe().latest().next(),
        tables.open().summary().requireProgress().next().next(),
        name);
  }

  /** Checks the invariants of every commit point. */
  private void assertCommitPoint() {
    if (tables.base().outOfSync()) {
      // Another driver committed between the two commits of this batch.
      return;
    }
    Rules made = Rules.parse(tables.open().summary().rules());
    List<Click> held = clicks(tables.open().held());
    Map<String, Session> live = tables.live();
    live.values().forEach(s -> s.events().forEach(event -> held.add(new Click(s.uuid(), event))));
    assertEquals(Set.of(), differences(Oracle.sessions(held, made), live), name);

    assertTakenInAreLive(tables.rejected(progress(), true));
    assertColumns();

    Map<String, Session> closed = tables.sessions().rows();
    Map<String, Session> both = new TreeMap<>(tables.open().rows());
    both.keySet().retainAll(closed.keySet());
    assertEquals(tables.open().published(), both.keySet(), name);
    both.forEach((id, session) -> assertEquals(session, closed.get(id), name));
    long touchable =
        tables.open().summary().requireProgress().watermark().publishedMs() - made.timeoutMs();
    closed.forEach(
        (id, session) ->
            assertTrue(
                session.endMs() < touchable || both.containsKey(id),
                () -> name + ": not in staging " + session));
  }

  /** As they are read under the newest definition. */
  private List<Read> readNow(List<Message> records) {
    int number = tables.definitions().number();
    return records.stream().map(record -> new Read(record, number)).toList();
  }

  private List<Click> clicks(Iterable<Read> records) {
    List<Click> clicks = new ArrayList<>();
    for (Read read : records) {
      if (isValid(read.message())) {
        clicks.add(new Click(read.message().click().uuid(), tables.event(read)));
      }
    }
    return clicks;
  }

  /** The definition of the design, independent of the production code. */
  private boolean isValid(Message record) {
    if (record.click() == null) {
      return false;
    }
    long time = record.click().event().timeMs();
    long sent = record.recordTimeMs();
    boolean unknown = sent < YEAR_2000_MS || sent >= YEAR_10000_MS;
    return time >= YEAR_2000_MS
        && time < YEAR_10000_MS
        && (unknown || time <= sent + SKEW.toMillis())
        && (unknown || lateHorizon == null || time >= sent - lateHorizon.toMillis());
  }

  /** The sessions that only one side has, for a short failure message. */
  private static Set<String> differences(
      Map<String, Session> expected, Map<String, Session> found) {
    if (expected.equals(found)) {
      return Set.of();
    }
    Set<String> differences = new TreeSet<>();
    expected.forEach(
        (id, session) -> {
          if (!session.equals(found.get(id))) {
            differences.add("lacks " + session);
          }
        });
    found.forEach(
        (id, session) -> {
          if (!session.equals(expected.get(id))) {
            differences.add("holds " + session);
          }
        });
    return differences;
  }

  private void assertAddsUp(BatchReport report) {
    Map<String, Long> counts = report.counts();
    assertEquals(counts.get("offsets"), counts.get("records") + counts.get("offsets_lost"), name);
    assertEquals(
        counts.get("records"),
        counts.get("events") + counts.get("duplicates") + counts.get("rejected"),
        name);
    assertTrue(counts.get("conflicting_copies") <= counts.get("duplicates"), name);
    // A backfill reads old events on purpose: they are not late.
    if (report.read().lateness() != null) {
      assertEquals(
          counts.get("events") + counts.get("duplicates"),
          counts.get("on_time") + counts.get("late"),
          name);
    }
  }

  private MemoryStore store() {
    return new MemoryStore(tables, Long.MAX_VALUE);
  }

  /** Gives no rules from now on, once there are tables. */
  void followRecordedRules() {
    followsTables = true;
  }

  private Job job() {
    return job(
        followsTables && tables.exist()
            ? new GivenRules(null, null, null, null)
            : GivenRules.all(rules));
  }

  private Job job(GivenRules given) {
    return new Job(
        new TableNames("memory", "sessions", "user_sessions"),
        given,
        Duration.ofMinutes(10),
        lateHorizon,
        SKEW,
        () -> nowMs,
        setAside,
        definition,
        GivenColumns.NONE,
        MaxRejected.ANY,
        dropped);
  }
}

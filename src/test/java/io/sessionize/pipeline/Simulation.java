package io.sessionize.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.Failure;
import io.sessionize.pipeline.MemoryTopic.Message;
import io.sessionize.session.Oracle;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.source.Offsets;
import io.sessionize.store.TableNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One job on a topic and tables in memory, to be crashed, rolled back and raced. */
final class Simulation {
  private final MemoryTopic topic = new MemoryTopic(2);
  private final MemoryStore store;
  private final Map<String, Rules> known = new HashMap<>();
  private Rules rules;
  private long nowMs = MemoryAttempt.SENT_MS;

  /** What a crash throws. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  Simulation(Rules rules) {
    this.store = new MemoryStore(rules);
    use(rules);
  }

  MemoryTopic topic() {
    return topic;
  }

  MemoryStore store() {
    return store;
  }

  /** A probe that crashes where this point is passed for the n-th time, 1 being the first. */
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

  /** Runs on a source of its own, as another driver does. */
  BatchReport run(MemoryTopic source, CrashPoint.Probe probe) {
    return new Run<>(store, source, job(), this::assertAddsUp, probe).execute(() -> false);
  }

  /** Restates a range, read before or not; the tables must be there. */
  void backfill(Offsets from, Offsets to, CrashPoint.Probe probe) {
    Input<List<Message>> range =
        new Input<>(
            topic.range(from, to),
            MemoryTopic.NAME,
            "id",
            from,
            to,
            Map.of(),
            Set.of(),
            "backfill");
    assertAddsUp(new Batch<>(store, job(), probe).backfill(range, true).batch());
  }

  /** Makes the whole table anew under other rules; those of the tables are the job's afterwards. */
  void recompute(Rules others, CrashPoint.Probe probe) {
    recompute(Recomputation.EVERYTHING, others, probe);
  }

  void recompute(Recomputation what, Rules others, CrashPoint.Probe probe) {
    use(others);
    try {
      new Batch<>(store, job(), probe).recompute(what, null);
    } finally {
      useRulesOfTables();
    }
  }

  void useRulesOfTables() {
    use(known.get(store.open().summary().rules()));
  }

  private void use(Rules others) {
    rules = others;
    known.put(others.text(), others);
    store.rules(others);
  }

  /** Lets the clock go on while nothing is sent. */
  void passTime(long ms) {
    nowMs += ms;
  }

  /** The promise, as far as events have been read. */
  void assertEqualToOracle(String message) {
    List<Click> read =
        topic.messages().stream().map(Message::click).filter(Objects::nonNull).toList();
    assertEquals(Set.of(), differences(Oracle.sessions(read, rules), store.live()), message);
    Set<String> broken =
        topic.messages().stream()
            .filter(record -> record.click() == null)
            .map(record -> record.partition() + ":" + record.offset())
            .collect(Collectors.toSet());
    assertEquals(broken, store.rejected(), message);
    Set<String> both = new TreeSet<>(store.open().rows().keySet());
    both.retainAll(store.sessions().rows().keySet());
    assertEquals(store.open().published(), both, message);
    assertEquals(topic.describe().latest().next(), store.open().summary().next(), message);
  }

  /** What only one of the two holds, so that a failure can be read. */
  private static Set<String> differences(
      Map<String, Session> expected, Map<String, Session> found) {
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
    assertEquals(counts.get("offsets"), counts.get("records"));
    assertEquals(
        counts.get("records"),
        counts.get("events") + counts.get("duplicates") + counts.get("rejected"));
    assertEquals(
        counts.get("events") + counts.get("duplicates"),
        counts.get("on_time") + counts.get("late"));
  }

  /** Runs something that another driver may win against; whether it was not. */
  static boolean unlessConflict(Runnable driver) {
    try {
      driver.run();
      return true;
    } catch (Failure failure) {
      assertEquals(Failure.Kind.CONFLICT, failure.kind(), failure.getMessage());
      return false;
    }
  }

  private Job job() {
    return new Job(
        new TableNames("memory", "sessions", "user_sessions"),
        rules,
        Duration.ofMillis(10),
        Duration.ofDays(7),
        Duration.ofMinutes(10),
        () -> nowMs);
  }
}

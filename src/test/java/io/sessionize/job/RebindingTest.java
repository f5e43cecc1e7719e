package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Progress;
import io.sessionize.testing.Histories;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Tables that are bound to a copy of their topic, on tables in memory. */
class RebindingTest {
  private static final int TRIALS = Histories.of(2_000);

  @Test
  void tablesBoundToACopyOfTheirTopicHoldTheSameSessions() {
    for (long seed = 0; seed < TRIALS; seed++) {
      new Trial(seed).execute();
    }
  }

  /** One history that changes its topic in the middle, with crashes. */
  private static final class Trial {
    private final Random random;
    private final Simulation simulation;

    Trial(long seed) {
      random = new Random(seed);
      simulation = new Simulation("seed " + seed, Rules.DEFAULT);
    }

    void execute() {
      List<Arrival> log = RandomTraffic.withWrongClocks(random);
      int middle = 1 + random.nextInt(log.size());
      read(log.subList(0, middle));
      long shift = random.nextInt(50);
      MemoryTopic mirror = simulation.topic().mirror("another cluster", shift);
      Offsets reached = simulation.tables().open().summary().requireProgress().next();
      boolean isRead = reached.equals(simulation.topic().describe().latest());
      Offsets from =
          isRead && random.nextBoolean()
              ? mirror.describe().latest()
              : mirror.describe().earliest();
      rebind(mirror, from);
      read(log.subList(middle, log.size()));
      simulation.topic().maxOffsets(Long.MAX_VALUE);
      simulation.run(CrashPoint.Probe.NONE);
      simulation.assertLiveEqualsOracle();
    }

    private void read(List<Arrival> arrivals) {
      for (int i = 0; i < arrivals.size(); i += 7) {
        List<Arrival> some = arrivals.subList(i, Math.min(i + 7, arrivals.size()));
        some.forEach(simulation.topic()::send);
        simulation.clock(some.get(some.size() - 1).atMs());
        simulation.topic().maxOffsets(1 + random.nextInt(12));
        try {
          simulation.run(probe());
        } catch (Simulation.Crash crash) {
          // The next run recovers.
        }
      }
      simulation.topic().maxOffsets(Long.MAX_VALUE);
      simulation.run(CrashPoint.Probe.NONE);
    }

    private void rebind(MemoryTopic mirror, Offsets from) {
      boolean bound = false;
      while (!bound) {
        try {
          simulation.rebind(mirror, from, false, probe());
          bound = true;
        } catch (Simulation.Crash crash) {
          // It is repeated. A run may come between, with the topic that is recorded.
          if (random.nextBoolean() && isBoundTo(simulation.topic())) {
            simulation.run(CrashPoint.Probe.NONE);
          }
        }
      }
    }

    private boolean isBoundTo(MemoryTopic topic) {
      Progress progress = simulation.tables().open().summary().requireProgress();
      return progress.topics().equals(topic.describe().ids());
    }

    private CrashPoint.Probe probe() {
      CrashPoint[] points = CrashPoint.values();
      return random.nextInt(3) == 0
          ? Simulation.crashAt(points[random.nextInt(points.length)], 1)
          : CrashPoint.Probe.NONE;
    }
  }

  private final Simulation simulation = new Simulation("one", Rules.DEFAULT);

  @Test
  void anotherTopicIsRefusedUntilTheTablesAreBoundToIt() {
    send("e1", 0);
    simulation.run(CrashPoint.Probe.NONE);
    MemoryTopic copy = simulation.topic().mirror("another", 3);
    assertRefused(
        Failure.Kind.BROKEN,
        "run --rebind-topic",
        () -> simulation.run(copy, CrashPoint.Probe.NONE));

    Rebinding.Bound bound = simulation.rebind(copy, Offsets.NONE, false, CrashPoint.Probe.NONE);
    assertEquals(copy.describe().earliest(), bound.from());
    assertEquals(Optional.empty(), bound.checkpointSetAside());
    Watermark watermark = progress().watermark();
    assertEquals(Map.of(), watermark.shown());
    assertEquals("another", id());
    simulation.run(CrashPoint.Probe.NONE);
    simulation.assertLiveEqualsOracle();
    assertTrue(progress().watermark().publishedMs() >= watermark.publishedMs());
  }

  @Test
  void eventsWithoutIdsNeedAConsent() {
    send(MemoryTopic.NAME + "/0/0", 0);
    simulation.run(CrashPoint.Probe.NONE);
    MemoryTopic copy = simulation.topic().mirror("another", 3);
    assertRefused(
        Failure.Kind.USAGE,
        "1 sessions of user_sessions hold events without event_id",
        () -> simulation.rebind(copy, Offsets.NONE, false, CrashPoint.Probe.NONE));
    assertEquals("id", id());

    // Also at the end of the topic: the mirror may still be copying
    Offsets end = copy.describe().latest();
    assertRefused(
        Failure.Kind.USAGE,
        "1 sessions of user_sessions hold events without event_id",
        () -> simulation.rebind(copy, end, false, CrashPoint.Probe.NONE));
    simulation.rebind(copy, Offsets.NONE, true, CrashPoint.Probe.NONE);
    assertEquals("another", id());
  }

  @Test
  void offsetsThatTheTopicDoesNotHaveAreRefused() {
    send("e1", 0);
    simulation.run(CrashPoint.Probe.NONE);
    MemoryTopic copy = simulation.topic().mirror("another", 3);
    Consumer<Map<Integer, Long>> rebind =
        from ->
            simulation.rebind(
                copy, Offsets.of(MemoryTopic.NAME, from), false, CrashPoint.Probe.NONE);
    assertRefused(
        Failure.Kind.USAGE, "does not reach offset 9", () -> rebind.accept(Map.of(1, 9L)));
    assertRefused(Failure.Kind.USAGE, "has no partition 7", () -> rebind.accept(Map.of(7, 0L)));
    assertRefused(
        Failure.Kind.BROKEN, "no longer holds offsets [2, 3)", () -> rebind.accept(Map.of(1, 2L)));
    assertEquals("id", id());
  }

  @Test
  void anUnknownIdThatBecomesKnownIsRecorded() {
    MemoryTopic unknown = simulation.topic().mirror(Progress.UNKNOWN_ID, 0);
    simulation.topic().send(arrival("e0", 0));
    simulation.run(CrashPoint.Probe.NONE);
    simulation.rebind(unknown, Offsets.NONE, false, CrashPoint.Probe.NONE);
    assertEquals(Progress.UNKNOWN_ID, id());

    MemoryTopic known = unknown.mirror("known", 0);
    known.send(arrival("e1", 0));
    simulation.run(known, CrashPoint.Probe.NONE);
    assertEquals("known", id());
    assertRefused(
        Failure.Kind.BROKEN, "recreated", () -> simulation.run(unknown, CrashPoint.Probe.NONE));
  }

  private Progress progress() {
    return simulation.tables().open().summary().requireProgress();
  }

  private String id() {
    return progress().topics().get(MemoryTopic.NAME);
  }

  private void send(String id, int partition) {
    simulation.topic().send(arrival(id, partition));
  }

  private Arrival arrival(String id, int partition) {
    long at = RandomTraffic.BEGIN_MS;
    simulation.clock(at);
    return new Arrival(at, partition, new Click("u", new Event(at, id, "home", null, null)), at);
  }

  private static void assertRefused(Failure.Kind kind, String message, Runnable command) {
    Failure refused = assertThrows(Failure.class, command::run);
    assertEquals(kind, refused.kind(), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}

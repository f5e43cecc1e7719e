package io.sessionize.pipeline;

import io.sessionize.pipeline.RandomTraffic.Arrival;
import io.sessionize.session.Rules;
import io.sessionize.source.Offsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise on in-memory tables, thousands of times: whatever the order, the cuts, the copies,
 * the lateness, the crashes, the rollbacks and the other drivers were, the tables hold what the
 * oracle makes of all events at once.
 */
class PromiseTest {
  private static final int TRIALS_PER_BLOCK = 2_500;

  static LongStream blocks() {
    return LongStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void tablesAreAPureFunctionOfTheSetOfEvents(long block) {
    for (long seed = block * TRIALS_PER_BLOCK; seed < (block + 1) * TRIALS_PER_BLOCK; seed++) {
      new Trial(seed).execute();
    }
  }

  /** One history, the same for the same seed. */
  private static final class Trial {
    private final long seed;
    private final Random random;
    private final Simulation simulation;
    private final List<MemoryTopic.Checkpoint> checkpoints = new ArrayList<>();
    private final List<MemoryStore.Sessions> sessions = new ArrayList<>();
    private final List<MemoryStore.Open> open = new ArrayList<>();

    Trial(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      List<String> endPages = random.nextInt(4) == 0 ? List.of("logout") : List.of();
      this.simulation =
          new Simulation(new Rules(Duration.ofMillis(30), Duration.ofMillis(120), null, endPages));
    }

    void execute() {
      List<Arrival> log = RandomTraffic.of(random);
      while (!log.isEmpty()) {
        int count = Math.min(log.size(), 1 + random.nextInt(11));
        log.subList(0, count).forEach(a -> simulation.topic().send(a.partition(), a.click()));
        log = log.subList(count, log.size());
        runOnceOrTwice();
        remember();
        disturb();
      }
      simulation.topic().maxOffsets(Long.MAX_VALUE);
      if (random.nextBoolean()) {
        simulation.passTime(10_000);
      }
      simulation.run(CrashPoint.Probe.NONE);
      simulation.assertEqualToOracle("seed " + seed);
    }

    private void runOnceOrTwice() {
      simulation.topic().maxOffsets(1 + random.nextInt(12));
      int times = 1 + random.nextInt(2);
      for (int i = 0; i < times; i++) {
        unlessItFails(() -> simulation.run(probe()));
      }
    }

    /** Both tables, where they belong together, and the checkpoint. */
    private void remember() {
      checkpoints.add(simulation.topic().savedCheckpoint());
      MemoryStore store = simulation.store();
      if (!store.base().apart()) {
        sessions.add(store.sessions());
        open.add(store.open());
      }
    }

    private void disturb() {
      switch (random.nextInt(12)) {
        case 0 -> {
          simulation.passTime(random.nextBoolean() ? 20 : 200);
          unlessItFails(() -> simulation.run(probe()));
        }
        case 1 -> simulation.topic().restoreCheckpoint(MemoryTopic.Checkpoint.NEW);
        case 2 -> simulation.topic().restoreCheckpoint(any(checkpoints));
        case 3 -> rollBack();
        case 4, 5 -> unlessItFails(this::backfill);
        case 6 -> recompute();
        case 7 -> simulation.store().compact();
        default -> {}
      }
    }

    private void rollBack() {
      if (!open.isEmpty()) {
        int to = random.nextInt(open.size());
        simulation.store().rollBack(sessions.get(to), open.get(to));
        simulation.useRulesOfTables();
      }
    }

    /** Where it crashes it has to be done again: until then runs are refused. */
    private void recompute() {
      Rules others =
          new Rules(
              Duration.ofMillis(any(List.of(20, 30, 45))),
              Duration.ofMillis(any(List.of(100, 120))),
              null,
              any(List.of(List.of(), List.of("logout"))));
      if (random.nextBoolean()) {
        CrashPoint point = any(List.of(CrashPoint.values()));
        unlessItFails(() -> simulation.recompute(others, Simulation.crashAt(point, 1)));
      }
      simulation.recompute(others, CrashPoint.Probe.NONE);
    }

    private void backfill() {
      Map<Integer, Long> from = new HashMap<>();
      Map<Integer, Long> to = new HashMap<>();
      simulation
          .topic()
          .describe()
          .latest()
          .next()
          .forEach(
              (partition, latest) -> {
                long begin = random.nextLong(latest + 1);
                from.put(partition, begin);
                to.put(partition, begin + random.nextLong(latest - begin + 1));
              });
      simulation.backfill(new Offsets(from), new Offsets(to), probe());
    }

    private void unlessItFails(Runnable driver) {
      try {
        Simulation.unlessConflict(driver);
      } catch (Simulation.Crash crash) {
        // The next run makes up for it.
      }
    }

    /** Nothing, a crash, or another driver that runs while this one is paused. */
    private CrashPoint.Probe probe() {
      CrashPoint point = any(List.of(CrashPoint.values()));
      int nth = 1 + random.nextInt(2);
      return switch (random.nextInt(6)) {
        case 0, 1 -> Simulation.crashAt(point, nth);
        case 2 -> pauseAt(point, nth);
        default -> CrashPoint.Probe.NONE;
      };
    }

    private CrashPoint.Probe pauseAt(CrashPoint point, int nth) {
      MemoryTopic other = simulation.topic().readByAnotherDriver().maxOffsets(5);
      boolean compacts = random.nextInt(4) == 0;
      int[] passed = {0};
      return now -> {
        if (now == point && ++passed[0] == nth) {
          if (compacts) {
            simulation.store().compact();
          } else {
            simulation.run(other, CrashPoint.Probe.NONE);
          }
        }
      };
    }

    private <T> T any(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }
  }
}

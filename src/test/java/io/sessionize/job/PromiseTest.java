package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.event.Definition;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Histories;
import io.sessionize.testing.RandomRules;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import io.sessionize.testing.TestDefinitions;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the promise with thousands of random histories on tables in memory: order, batches,
 * copies, lateness, wrong clocks, crashes, rollbacks, full and partial recomputes, columns that are
 * filled, retries of rejected records, external commits, other drivers, rules of every kind, and a
 * second topic that is added, goes quiet, is dropped and comes back. {@link Simulation} checks the
 * tables after every commit. At the end they must equal what the oracle computes from all events at
 * once.
 */
class PromiseTest {
  private static final int TRIALS_PER_BLOCK = Histories.of(2_500);

  /**
   * One after the other: properties are added, another one too, one is removed. The rules name two
   * of them.
   */
  private static final List<Definition> DEFINITIONS =
      List.of(
          TestDefinitions.withTexts(MemoryTopic.NAME, "aim", "campaign", "tip"),
          TestDefinitions.withTexts(MemoryTopic.NAME, "aim", "campaign", "tip", "goal"),
          TestDefinitions.withTexts(MemoryTopic.NAME, "aim", "campaign", "goal"));

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
    private static final String OTHER = "other";
    private static final int[] CLOCKS = {0, 0, 1, 30, 200, -180};

    private final Random random;
    private final Simulation simulation;
    private final List<MemoryTopic.Checkpoint> checkpoints = new ArrayList<>();
    private final List<MemoryTables.Sessions> sessions = new ArrayList<>();
    private final List<MemoryTables.Open> open = new ArrayList<>();
    private final Deque<Definition> definitions = new ArrayDeque<>();
    private final int topicChanges;
    private boolean aside;
    private boolean changed;
    private int arrived;
    private int expressions;
    private String[] sentTo = {MemoryTopic.NAME};

    Trial(long seed) {
      this.random = new Random(seed);
      this.simulation =
          new Simulation(
              "seed " + seed,
              RandomRules.of(random, Duration.ofMinutes(30), Duration.ofMinutes(120)));
      if (seed % 2 == 0) {
        simulation.followRecordedRules();
      }
      if (seed % 4 == 1) {
        simulation.alternatesWithContinuousMode();
      }
      if (random.nextInt(3) == 0) {
        definitions.addAll(DEFINITIONS.subList(random.nextInt(2), DEFINITIONS.size()));
        if (random.nextBoolean()) {
          changeDefinition();
        }
      }
      if (random.nextInt(8) == 0) {
        simulation.lateHorizon(Duration.ofMinutes(any(List.of(5, 100))));
      }
      topicChanges = seed % 3 == 0 ? 10 + random.nextInt(40) : 0;
    }

    void execute() {
      List<Arrival> log = RandomTraffic.withWrongClocks(random);
      long end = log.get(log.size() - 1).atMs();
      boolean catchesUp = random.nextInt(10) < 3;
      boolean grows = random.nextInt(4) == 0;
      if (grows) {
        simulation.topic().goOnAfterDataLoss();
      }
      while (!log.isEmpty()) {
        int count = Math.min(log.size(), 1 + random.nextInt(11));
        if (grows && random.nextInt(4) == 0) {
          // A new partition whose first records are deleted before they are read.
          simulation.topic().addPartition(random.nextInt(4));
          grows = false;
        }
        if (topicChanges > 0) {
          changeTopics(count);
        }
        log.subList(0, count).forEach(this::send);
        long newest = catchesUp ? end : log.get(count - 1).atMs();
        simulation.clock(newest + RandomTraffic.minutes(CLOCKS[random.nextInt(CLOCKS.length)]));
        log = log.subList(count, log.size());
        runOnceOrTwice();
        remember();
        disturb();
      }
      simulation.topic().maxOffsets(Long.MAX_VALUE);
      simulation.clock(end);
      if (random.nextBoolean()) {
        simulation.passTime(Duration.ofDays(7));
      }
      if (simulation.topic().has(OTHER)) {
        readAgain();
      }
      simulation.run(CrashPoint.Probe.NONE);
      takeBack();
      backfillAll();
      simulation.assertEqualToOracle();
      simulation.fillColumns(GivenColumns.NONE, CrashPoint.Probe.NONE);
      simulation.assertColumnsAreComplete();
      simulation.assertEqualToOracle();
    }

    /** After each so many records the second topic is added, goes quiet, is dropped, comes back. */
    private void changeTopics(int count) {
      int before = arrived / topicChanges;
      arrived += count;
      if (arrived / topicChanges == before) {
        return;
      }
      switch (before % 4) {
        case 0 -> {
          if (!simulation.topic().has(OTHER)) {
            // Its first records are deleted: they were never to be read.
            simulation.topic().addTopic(OTHER, "other's id", 2, random.nextInt(4));
          }
          readAgain();
          sentTo = new String[] {MemoryTopic.NAME, OTHER};
        }
        case 1 -> sentTo = new String[] {any(List.of(MemoryTopic.NAME, OTHER))};
        case 2 -> {
          // From now on its records wait until it comes back.
          simulation.read(Set.of(MemoryTopic.NAME), Set.of(OTHER));
          sentTo = new String[] {MemoryTopic.NAME, OTHER};
        }
        default -> readAgain();
      }
    }

    private void readAgain() {
      simulation.read(Set.of(MemoryTopic.NAME, OTHER), Set.of());
    }

    private void send(Arrival arrival) {
      String topic = sentTo[random.nextInt(sentTo.length)];
      if (topic.equals(OTHER)) {
        simulation.topic().send(OTHER, arrival);
        return;
      }
      boolean elsewhere = simulation.topic().partitionCount() > 2 && random.nextBoolean();
      simulation
          .topic()
          .send(
              elsewhere
                  ? new Arrival(arrival.atMs(), 2, arrival.click(), arrival.recordTimeMs())
                  : arrival);
    }

    private void runOnceOrTwice() {
      simulation.topic().maxOffsets(1 + random.nextInt(12));
      simulation.maxRecords(1 + random.nextInt(24));
      int times = 1 + random.nextInt(2);
      for (int i = 0; i < times; i++) {
        command(() -> simulation.run(probe()));
      }
    }

    /** Rolls back both tables to snapshots that belong together, and the checkpoint. */
    private void remember() {
      checkpoints.add(simulation.topic().savedCheckpoint());
      MemoryTables tables = simulation.tables();
      if (!tables.base().outOfSync()) {
        sessions.add(tables.sessions());
        open.add(tables.open());
      }
    }

    private void disturb() {
      switch (random.nextInt(21)) {
        case 0 -> {
          simulation.passTime(Duration.ofMinutes(random.nextBoolean() ? 20 : 200));
          command(() -> simulation.run(probe()));
        }
        case 1 -> simulation.topic().restoreCheckpoint(MemoryTopic.Checkpoint.NEW);
        case 2 -> simulation.topic().restoreCheckpoint(any(checkpoints));
        case 3 -> rollBack();
        case 4, 5 -> command(this::backfill);
        case 6 -> command(() -> simulation.recompute(anyRules(), probe()));
        case 7 -> simulation.tables().compact();
        case 8, 9 -> command(() -> simulation.recompute(anyPart(), probe()));
        case 10 -> simulation.tables().loseSummary();
        case 11 -> simulation.tables().externalCommit();
        case 12 -> setAside(Set.of("u" + random.nextInt(3)));
        case 13, 14 -> changeDefinition();
        case 15, 16 -> command(() -> simulation.retry(anyReason(), probe()));
        case 17, 18 -> command(() -> simulation.fillColumns(anyColumns(), probe()));
        default -> {}
      }
    }

    /** Columns with another expression, or the recorded ones: what was interrupted goes on. */
    private GivenColumns anyColumns() {
      return random.nextBoolean()
          ? GivenColumns.NONE
          : new GivenColumns(
              true, new TreeMap<>(Map.of("column", Integer.toString(++expressions))), null);
    }

    private Optional<String> anyReason() {
      return random.nextBoolean() ? Optional.empty() : Optional.of("set_aside");
    }

    /**
     * Sets exactly these users aside. Later commands find them in the tables, if they are recorded
     * there; also after a crash between the two commits, if the next run is the next commit.
     */
    private void setAside(Set<String> users) {
      aside = true;
      if (simulation.tables().base().isBetweenCommits()) {
        // A run crashed after it had removed sessions. If its list is given up, its users need a
        // backfill, as users who are taken back.
        simulation.run(CrashPoint.Probe.NONE);
      }
      simulation.setAside(users);
      command(() -> simulation.run(probe()));
      if (simulation.tables().base().isBetweenCommits()) {
        simulation.setAside(null);
        simulation.run(CrashPoint.Probe.NONE);
      } else if (simulation.tables().open().summary().setAside().hashes().size() == users.size()) {
        simulation.setAside(null);
      }
    }

    /**
     * Takes all users back: an empty list, a retry of what was rejected, and a backfill of what was
     * in the tables before.
     */
    private void takeBack() {
      if (aside) {
        simulation.setAside(Set.of());
        simulation.run(CrashPoint.Probe.NONE);
        command(() -> simulation.retry(anyReason(), probe()));
        simulation.retry(anyReason(), CrashPoint.Probe.NONE);
        simulation.assertAllTakenIn();
        backfillEverything();
      }
    }

    /** A backfill fills the properties that were added after an event was read. */
    private void backfillAll() {
      if (changed) {
        backfillEverything();
      }
    }

    private void backfillEverything() {
      KafkaTopics topics = simulation.topic().describe();
      simulation.backfill(topics.earliest(), topics.latest(), CrashPoint.Probe.NONE);
    }

    /**
     * Gives the next definition; then, once it is recorded, none or the same. It adds, removes or
     * changes properties.
     */
    private void changeDefinition() {
      if (!definitions.isEmpty()) {
        changed = true;
        simulation.definition(definitions.poll());
      }
    }

    private void rollBack() {
      if (!open.isEmpty()) {
        int to = random.nextInt(open.size());
        simulation.tables().rollBack(sessions.get(to), open.get(to));
        simulation.useRulesOfTables();
      }
    }

    private Rules anyRules() {
      return RandomRules.of(
          random,
          Duration.ofMinutes(any(List.of(10, 30, 45))),
          Duration.ofMinutes(any(List.of(60, 120, 300))));
    }

    private Recomputation anyPart() {
      Set<String> users = random.nextBoolean() ? Set.of() : Set.of("u" + random.nextInt(3));
      LocalDate first =
          LocalDate.ofInstant(Instant.ofEpochMilli(RandomTraffic.BEGIN_MS), ZoneOffset.UTC);
      LocalDate from =
          users.isEmpty() || random.nextBoolean() ? first.plusDays(random.nextInt(2)) : null;
      return new Recomputation(from, from == null || random.nextBoolean() ? null : from, users);
    }

    private void backfill() {
      Map<Partition, Long> from = new HashMap<>();
      Map<Partition, Long> to = new HashMap<>();
      simulation
          .topic()
          .describe()
          .latest()
          .next()
          .forEach(
              (partition, latest) -> {
                long earliest = simulation.topic().describe().earliest().next().get(partition);
                long begin = earliest + random.nextLong(latest - earliest + 1);
                from.put(partition, begin);
                to.put(partition, begin + random.nextLong(latest - begin + 1));
              });
      simulation.backfill(new Offsets(from), new Offsets(to), probe());
    }

    /**
     * Runs a driver, which may crash or end with a conflict. It is refused if a recompute was
     * interrupted, or ended after the driver began. An interrupted recompute is then finished, with
     * either of the rules.
     */
    private void command(Runnable driver) {
      Rules before = simulation.rules();
      try {
        driver.run();
      } catch (Simulation.Crash crash) {
        // The next run recovers.
      } catch (Failure failure) {
        if (failure.kind() != Failure.Kind.CONFLICT) {
          assertEquals(Failure.Kind.USAGE, failure.kind(), failure.getMessage());
          boolean recomputed = !simulation.rulesOfTables().equals(List.of(before));
          boolean isOlder = changed && failure.getMessage().contains("the newer file");
          assertTrue(recomputed || isOlder, failure.getMessage());
        }
      }
      while (simulation.rulesOfTables().size() > 1) {
        try {
          simulation.recompute(any(simulation.rulesOfTables()), crash());
        } catch (Simulation.Crash crash) {
          // It must be repeated.
        }
      }
    }

    /** No disturbance, a crash, or another driver that runs while this one is paused. */
    private CrashPoint.Probe probe() {
      return switch (random.nextInt(6)) {
        case 0, 1 -> Simulation.crashAt(anyPoint(), 1 + random.nextInt(2));
        case 2, 3 -> pauseAt(anyPoint(), 1 + random.nextInt(2));
        default -> CrashPoint.Probe.NONE;
      };
    }

    private CrashPoint.Probe crash() {
      return random.nextBoolean() ? Simulation.crashAt(anyPoint(), 1) : CrashPoint.Probe.NONE;
    }

    private CrashPoint.Probe pauseAt(CrashPoint point, int nth) {
      MemoryTopic other = simulation.topic().readByAnotherDriver().maxOffsets(5);
      Runnable meanwhile =
          switch (random.nextInt(7)) {
            case 0 -> simulation.tables()::compact;
            case 1 -> () -> simulation.recompute(anyRules(), crash());
            case 2 -> () -> simulation.recompute(anyPart(), crash());
            case 3 ->
                () -> {
                  changeDefinition();
                  simulation.run(other, crash());
                };
            case 4 -> () -> simulation.fillColumns(anyColumns(), crash());
            default -> () -> simulation.run(other, crash());
          };
      int[] passed = {0};
      return now -> {
        if (now == point && ++passed[0] == nth) {
          try {
            meanwhile.run();
          } catch (Simulation.Crash | Failure harmless) {
            // The failure of the other driver. Only the tables decide whether this driver
            // continues.
          }
        }
      };
    }

    private CrashPoint anyPoint() {
      return any(List.of(CrashPoint.values()));
    }

    private <T> T any(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }
  }
}

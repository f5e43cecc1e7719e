package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.scenario.CrashScenarioTest;
import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.summary.Progress;
import io.sessionize.testing.Histories;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A crash at every crash point, followed by every way to continue, with many histories each. {@link
 * CrashScenarioTest} runs a part of this matrix on real tables.
 */
class CrashMatrixTest {
  private static final int SEEDS = Histories.of(200);
  private static final Rules RULES =
      new Rules(Duration.ofMinutes(30), Duration.ofMinutes(120), null, List.of());

  /** The way to continue after the crash. */
  private enum Recovery {
    PLAIN_RETRY,
    WITHOUT_CHECKPOINT,
    OTHER_BATCHES,
    OTHER_BATCHES_WITHOUT_CHECKPOINT,
    MORE_DATA,
    A_BACKFILL_BEFORE_THE_RETRY
  }

  static Stream<Arguments> crashesAndRecoveries() {
    return Stream.of(CrashPoint.values())
        .flatMap(
            point -> Stream.of(Recovery.values()).map(recovery -> Arguments.of(point, recovery)));
  }

  static Stream<Arguments> twoCrashes() {
    return Stream.of(CrashPoint.values())
        .flatMap(
            first -> Stream.of(CrashPoint.values()).map(second -> Arguments.of(first, second)));
  }

  @ParameterizedTest
  @MethodSource("crashesAndRecoveries")
  void tablesAreExactAfterACrashAndEachRecovery(CrashPoint point, Recovery recovery) {
    for (long seed = 0; seed < SEEDS; seed++) {
      History history = new History(seed);
      history.crashAt(point);
      history.recover(recovery);
      history.end();
    }
  }

  @ParameterizedTest
  @MethodSource("twoCrashes")
  void tablesAreExactAfterTwoCrashes(CrashPoint first, CrashPoint second) {
    for (long seed = 0; seed < SEEDS; seed++) {
      History history = new History(seed);
      history.crashAt(first);
      history.crashAt(second);
      history.recover(Recovery.PLAIN_RETRY);
      history.end();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SESSIONS_PUBLISHED", "REJECTED_PUBLISHED"})
  void runsAreRefusedUntilAnInterruptedRecomputeIsFinished(CrashPoint point) {
    Simulation simulation = new Simulation("interrupted at " + point, RULES);
    simulation.topic().send(click(RandomTraffic.BEGIN_MS));
    simulation.run(CrashPoint.Probe.NONE);
    Rules others = new Rules(Duration.ofMinutes(20), Duration.ofMinutes(120), null, List.of());
    assertThrows(
        Simulation.Crash.class, () -> simulation.recompute(others, Simulation.crashAt(point, 1)));
    Recomputation part = new Recomputation(null, null, Set.of("ann"));
    for (Runnable refused :
        List.<Runnable>of(
            () -> simulation.recompute(part, CrashPoint.Probe.NONE),
            () -> simulation.backfill(Offsets.NONE, Offsets.NONE, CrashPoint.Probe.NONE))) {
      assertEquals(Failure.Kind.USAGE, assertThrows(Failure.class, refused::run).kind());
    }
    simulation.recompute(others, CrashPoint.Probe.NONE);
    simulation.run(CrashPoint.Probe.NONE);
    simulation.assertEqualToOracle();
  }

  private static Arrival click(long timeMs) {
    return new Arrival(
        timeMs, 0, new Click("ann", new Event(timeMs, "e", "home", null, null)), timeMs);
  }

  /** Three parts of traffic; the run of the second one crashes. */
  private static final class History {
    private final long seed;
    private final Random random;
    private final Simulation simulation;
    private final List<Arrival> log;

    History(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.simulation = new Simulation(name(), RULES);
      this.log = RandomTraffic.of(random);
      simulation.clock(log.get(log.size() - 1).atMs() + RandomTraffic.minutes(1));
      arrive(0);
      run();
      arrive(1);
      otherBatches();
    }

    private void arrive(int third) {
      log.subList(log.size() * third / 3, log.size() * (third + 1) / 3)
          .forEach(simulation.topic()::send);
    }

    private void otherBatches() {
      simulation.topic().maxOffsets(3 + random.nextInt(20));
    }

    private void run() {
      simulation.run(CrashPoint.Probe.NONE);
    }

    /** If there is no batch to crash in, adds a record, so that there is one. */
    void crashAt(CrashPoint point) {
      simulation.topic().send(new Arrival(0, 0, null, 0));
      assertThrows(
          Simulation.Crash.class, () -> simulation.run(Simulation.crashAt(point, 1)), this::name);
    }

    void recover(Recovery recovery) {
      switch (recovery) {
        case PLAIN_RETRY -> {}
        case WITHOUT_CHECKPOINT -> deleteCheckpoint();
        case OTHER_BATCHES -> otherBatches();
        case OTHER_BATCHES_WITHOUT_CHECKPOINT -> {
          otherBatches();
          deleteCheckpoint();
        }
        case MORE_DATA -> arrive(2);
        case A_BACKFILL_BEFORE_THE_RETRY -> backfill();
      }
      run();
      simulation.assertEqualToOracle();
    }

    /** Backfills everything; must not move the offsets and the watermark. */
    private void backfill() {
      Progress before = simulation.tables().open().summary().requireProgress();
      simulation.backfill(
          simulation.topic().describe().earliest(),
          simulation.topic().describe().latest(),
          CrashPoint.Probe.NONE);
      Progress after = simulation.tables().open().summary().requireProgress();
      assertEquals(before.next(), after.next(), name());
      assertEquals(before.watermark().shown(), after.watermark().shown(), name());
      assertEquals(before.watermark().newestRecordMs(), after.watermark().newestRecordMs(), name());
    }

    private void deleteCheckpoint() {
      simulation.topic().restoreCheckpoint(MemoryTopic.Checkpoint.NEW);
    }

    void end() {
      arrive(2);
      run();
      simulation.passTime(Duration.ofDays(7));
      run();
      simulation.assertEqualToOracle();
    }

    private String name() {
      return "seed " + seed;
    }
  }
}

package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.continuous.Loop;
import io.sessionize.continuous.LoopStatus;
import io.sessionize.continuous.Patience;
import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FollowingRunTest {
  private static final RunListener NOBODY = batch -> {};

  private final MemoryTopic topic = new MemoryTopic(1);
  private final MemoryStore store = new MemoryStore(new MemoryTables(() -> {}), Long.MAX_VALUE);
  private final Job job = job(GivenRules.all(Rules.DEFAULT));

  @Test
  void aFailureForgetsTheTablesAndNotTheCheckpointThatWasSetAside() {
    send();
    new Run<>(store, topic, job, NOBODY, CrashPoint.Probe.NONE).execute(() -> false);
    send();
    try (FollowingRun<List<Message>> run =
        new FollowingRun<>(
            store, topic, job, NOBODY, Simulation.crashAt(CrashPoint.OPEN_WRITTEN, 1))) {
      assertThrows(Simulation.Crash.class, () -> run.execute(() -> false));
      assertEquals(1, store.forgotten().get());
      assertEquals(Optional.of("nowhere"), run.execute(() -> false).checkpointSetAside());
      assertTrue(run.execute(() -> false).checkpointSetAside().isEmpty());
      assertEquals(1, store.forgotten().get());
    }
  }

  @Test
  void aRecomputeBetweenItsCommitsIsWaitedForInThePassAndInTheBatch() throws Exception {
    CountDownLatch stop = new CountDownLatch(1);
    List<String> waits = new ArrayList<>();
    Consumer<Failure> whileWaiting =
        failure -> {
          waits.add(failure.getMessage());
          recompute(waits.size(), CrashPoint.Probe.NONE);
        };
    Loop loop =
        new Loop(
            Duration.ofMillis(1),
            new Patience(Duration.ofMinutes(1), System::currentTimeMillis),
            stop,
            Failure.class::cast,
            new OnWait(whileWaiting),
            System::currentTimeMillis);
    AtomicInteger planned = new AtomicInteger();
    RunListener listener =
        new OnPlan(
            () -> {
              if (planned.incrementAndGet() == 3) {
                beginRecompute(2);
              }
            });
    Job following = job(new GivenRules(null, null, null, null));
    try (FollowingRun<List<Message>> run =
        new FollowingRun<>(store, topic, following, listener, CrashPoint.Probe.NONE)) {
      loop.execute(
          () -> {
            send();
            run.execute(() -> false);
            if (planned.get() == 1) {
              beginRecompute(1);
            }
            if (planned.get() == 4) {
              stop.countDown();
            }
          },
          () -> false);
    }
    assertEquals(2, waits.size(), waits.toString());
    waits.forEach(message -> assertTrue(message.contains("was interrupted"), message));
  }

  /** Makes the first of the two commits of a recompute. */
  private void beginRecompute(int rules) {
    CrashPoint.Probe between = Simulation.crashAt(CrashPoint.SESSIONS_PUBLISHED, 1);
    assertThrows(Simulation.Crash.class, () -> recompute(rules, between));
  }

  private void recompute(int minutes, CrashPoint.Probe probe) {
    Rules rules = new Rules(Duration.ofMinutes(minutes), Duration.ofHours(2), null, List.of());
    new Batch<>(store, job(GivenRules.all(rules)), probe).recompute(Recomputation.EVERYTHING, null);
  }

  private static Job job(GivenRules rules) {
    return new Job(
        new TableNames("memory", "sessions", "user_sessions"),
        rules,
        Duration.ofMinutes(10),
        null,
        Duration.ofMinutes(10),
        () -> RandomTraffic.BEGIN_MS,
        null);
  }

  private record OnPlan(Runnable action) implements RunListener {
    @Override
    public void planned(long offsets) {
      action.run();
    }

    @Override
    public void batch(BatchReport batch) {}
  }

  private record OnWait(Consumer<Failure> action) implements Loop.Listener {
    @Override
    public void waits(Failure failure, Duration pause) {
      action.accept(failure);
    }

    @Override
    public void goesOn(Duration waited) {}

    @Override
    public void fallsBehind(boolean behind, LoopStatus status) {}

    @Override
    public void maintenanceFails(Failure failure) {}

    @Override
    public void changed(LoopStatus status) {}
  }

  private void send() {
    long time = RandomTraffic.BEGIN_MS;
    topic.send(new Arrival(time, 0, null, time));
  }
}

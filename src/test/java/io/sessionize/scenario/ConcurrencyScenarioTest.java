package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Run;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class ConcurrencyScenarioTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void oneOfTwoDriversEndsWithConflictAndARetrySucceeds() throws Exception {
    // Given tables, and clicks that two drivers find at the same time
    scenario.send(click("ann", "08:00"), click("bob", "08:00").on(1));
    scenario.runAt("08:01");
    Path otherCheckpoint =
        scenario.checkpoint().resolveSibling("other-checkpoint-" + scenario.topic().name());
    scenario.send(click("ann", "08:20"), click("bob", "09:30").on(1), click("bob", "09:31"));
    scenario.topic().sendRejected("malformed", 0, "key", new byte[0], TestClick.at("09:32"));
    // When both run, each with its own checkpoint, and both read before either writes
    CyclicBarrier bothHaveRead = new CyclicBarrier(2);
    List<Run<?>> drivers =
        List.of(driver(scenario.checkpoint(), bothHaveRead), driver(otherCheckpoint, bothHaveRead));
    List<Failure.Kind> failures = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> ends = new ArrayList<>();
      drivers.forEach(driver -> ends.add(threads.submit(() -> driver.execute(() -> false))));
      for (Future<?> end : ends) {
        try {
          end.get();
        } catch (ExecutionException e) {
          failures.add(Shown.failure(e).kind());
        }
      }
    } finally {
      threads.shutdownNow();
    }
    // Then one of them published, and the other one nothing
    assertEquals(List.of(Failure.Kind.CONFLICT), failures);
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
    // When both try again; then there is nothing left to do
    for (Path checkpoint : List.of(scenario.checkpoint(), otherCheckpoint)) {
      scenario
          .newRun(TestSpark.session(), "09:33", checkpoint, CrashPoint.Probe.NONE)
          .execute(() -> false);
    }
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  /** A driver that waits once for the other one after it has read. */
  private Run<?> driver(Path checkpoint, CyclicBarrier bothHaveRead) {
    return scenario.newRun(
        TestSpark.session().newSession(),
        "09:33",
        checkpoint,
        point -> {
          if (point == CrashPoint.DECODED) {
            await(bothHaveRead);
          }
        });
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(180, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}

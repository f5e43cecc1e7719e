package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures of the broker while a run reads from it. */
class BrokerScenarioTest {
  @TempDir static Path data;

  private static TestBroker broker;

  private final Scenario scenario = new Scenario(broker, 2);

  @BeforeAll
  static void start() {
    broker = TestBroker.startOwn(data);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void runEndsIfTheBrokerDiesAndTheNextRunContinues() {
    twoHours();
    cannotReachKafkaAfter(broker::kill);
    Failure failure = scenario.assertRefusedAt("10:01", Failure.Kind.UNREACHABLE);
    assertTrue(failure.getMessage().contains(broker.servers()), failure.getMessage());
    broker.restart();
    goesOn();
  }

  @Test
  void runWaitsForABrokerThatIsAwayForSeconds() throws Exception {
    twoHours();
    scenario.patienceMs(60_000);
    AtomicReference<CompletableFuture<Void>> restart = new AtomicReference<>();
    run(
        () -> {
          broker.kill();
          restart.set(CompletableFuture.runAsync(broker::restart));
        });
    restart.get().get();
    goesOn();
  }

  @Test
  void runsEndIfTheTopicIsDeleted() {
    twoHours();
    Snapshots before = scenario.snapshots();
    cannotReachKafkaAfter(scenario.topic()::delete);
    assertEquals(before, scenario.snapshots());
    Failure failure = scenario.assertRefusedAt("10:01", Failure.Kind.USAGE);
    assertTrue(failure.getMessage().startsWith("There is no topic"), failure.getMessage());
  }

  private void twoHours() {
    sendHour(8);
    scenario.runAt("09:00");
    sendHour(9);
  }

  private void goesOn() {
    sendHour(10);
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  /** Runs, with this action between the planning of the batch and its reading. */
  private void run(Runnable fault) {
    AtomicBoolean happened = new AtomicBoolean();
    scenario
        .newRun(TestSpark.session(), "10:00", scenario.checkpoint(), CrashPoint.Probe.NONE)
        .execute(
            () -> {
              if (happened.compareAndSet(false, true)) {
                fault.run();
              }
              return false;
            });
  }

  private void cannotReachKafkaAfter(Runnable fault) {
    scenario.patienceMs(5_000);
    Failure failure = Shown.failure(assertThrows(RuntimeException.class, () -> run(fault)));
    assertEquals(Failure.Kind.UNREACHABLE, failure.kind(), failure.getMessage());
  }

  private void sendHour(int hour) {
    String h = String.format("%02d", hour);
    scenario.send(
        click("ann", h + ":05"), click("ann", h + ":25").on(1), click("bob", h + ":40").on(1));
  }
}

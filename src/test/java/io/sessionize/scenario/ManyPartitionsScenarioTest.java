package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestBroker;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic of a thousand partitions. */
class ManyPartitionsScenarioTest {
  private static final int PARTITIONS = 1_200;

  @TempDir static Path data;

  private static TestBroker broker;

  @BeforeAll
  static void start() {
    broker = TestBroker.startOwn(data);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void topicIsReadFromTheTablesAndFromAnOldCheckpoint() {
    Scenario scenario = new Scenario(broker, PARTITIONS);
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(PARTITIONS - 1));
    scenario.runAt("08:10");
    Path old = scenario.copyOfCheckpoint("-old");
    scenario.send(click("ann", "08:20").on(500), click("bob", "08:25").on(PARTITIONS - 1));
    assertEquals(2, scenario.runAt("08:30").read().records());
    scenario.assertEqualToOracle();

    // A batch that begins earlier skips the offsets that the tables have
    scenario.restoreCheckpoint(old);
    scenario.send(click("ann", "08:40"), click("bob", "08:45").on(PARTITIONS - 1));
    assertEquals(2, scenario.runAt("08:50").read().records());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }
}

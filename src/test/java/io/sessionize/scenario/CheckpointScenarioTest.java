package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Given a checkpoint that is damaged, as after a power cut or by hand. */
class CheckpointScenarioTest {
  private final Scenario scenario = new Scenario(2);

  /** Replaces a file of the checkpoint, which has two batches; null removes it. */
  private void damage(String file, String content) throws IOException {
    Path path = scenario.checkpoint().resolve(file);
    if (content == null) {
      Files.delete(path);
    } else {
      Files.writeString(path, content);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "gone",
      quoteCharacter = '"',
      value = {
        "the last batch, planned and committed | offsets/1   | \"\"",
        "the last batch, gone                  | offsets/1   | gone",
        "a batch that was only planned         | offsets/2   | \"\"",
        "the last commit                       | commits/1   | \"\"",
        "whose query it is                     | metadata    | \"\""
      })
  void damagedCheckpointIsSetAsideAndTheRunContinues(String what, String file, String content)
      throws IOException {
    scenario.send(click("ann", "08:00"), click("bob", "08:10").on(1));
    scenario.runAt("08:15");
    scenario.send(click("ann", "08:20"), click("bob", "08:25").on(1));
    assertNull(scenario.runAt("08:30").checkpointSetAside().orElse(null));

    damage(file, content == null ? null : content.replace('~', '\n'));
    scenario.send(click("ann", "08:40").on(1));
    BatchReport report = scenario.runAt("08:45");
    assertEquals(1, report.read().records(), what);
    assertNotNull(report.checkpointSetAside().orElse(null), what);
    assertTrue(Files.isDirectory(Path.of(report.checkpointSetAside().orElse(null))), what);
    scenario.assertEqualToOracle();

    scenario.send(click("bob", "08:50"));
    assertNull(scenario.runAt("08:55").checkpointSetAside().orElse(null), what);
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void numberOfTasksIsThatOfTheRunAndNotOfTheCheckpoint() throws Exception {
    // Given a checkpoint that was made with the tests' number of shuffle partitions
    scenario.send(click("ann", "08:00"), click("bob", "08:10").on(1));
    scenario.runAt("08:15");
    // When a run has another number
    SparkSession other = TestSpark.session().newSession();
    other.conf().set("spark.sql.shuffle.partitions", "7");
    scenario.send(click("ann", "08:20"));
    List<Integer> tasks = new CopyOnWriteArrayList<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onStageCompleted(SparkListenerStageCompleted stage) {
            tasks.add(stage.stageInfo().numTasks());
          }
        };
    other.sparkContext().addSparkListener(listener);
    try {
      scenario
          .newRun(other, "08:30", scenario.checkpoint(), CrashPoint.Probe.NONE)
          .execute(() -> false);
      other.sparkContext().listenerBus().waitUntilEmpty();
      assertTrue(tasks.contains(7), tasks::toString);
    } finally {
      other.sparkContext().removeSparkListener(listener);
    }
  }

  @Test
  void damagedCheckpointIsReportedByAnIdleRun() throws IOException {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:15");
    damage("metadata", "");
    BatchReport report =
        scenario
            .newRun(TestSpark.session(), "08:16", scenario.checkpoint(), CrashPoint.Probe.NONE)
            .execute(() -> false);
    assertTrue(report.isNothing());
    assertNotNull(report.checkpointSetAside().orElse(null));
    scenario.assertNothingToDoAt("08:17");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"clicks"})
  void damagedInitialOffsetsAreSetAsideBeforeAnyCommit(String content) throws IOException {
    // Given a first batch that crashed
    scenario.send(click("ann", "08:00"), click("bob", "08:10").on(1));
    scenario.crashAt("08:15", CrashPoint.SESSIONS_PUBLISHED);
    damage("sources/0/0", content);
    assertNotNull(scenario.runAt("08:20").checkpointSetAside().orElse(null));
    scenario.assertEqualToOracle();

    // And a new checkpoint without a planned batch
    scenario.deleteCheckpoint();
    scenario.assertNothingToDoAt("08:21");
    damage("sources/0/0", content);
    scenario.send(click("ann", "08:25"));
    assertNotNull(scenario.runAt("08:30").checkpointSetAside().orElse(null));
    scenario.assertEqualToOracle();
  }

  @Test
  void refusedRunDoesNotMoveADamagedCheckpoint() throws IOException {
    scenario.send(click("ann", "08:00"), click("bob", "08:10").on(1));
    scenario.runAt("08:15");
    scenario.send(click("ann", "08:20"));
    scenario.topic().deleteBefore(0, 2);
    damage("offsets/0", "");
    scenario.assertRefusedAt("08:30", Failure.Kind.BROKEN);
  }
}

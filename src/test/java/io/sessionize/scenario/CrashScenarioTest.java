package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.CrashPoint;
import io.sessionize.spark.StagingPolicy;
import io.sessionize.testing.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Given a run on real tables that crashes at each crash point, and the ways to continue. */
public class CrashScenarioTest {
  /** Other tests replace staging: it is small. */
  private final Scenario scenario = new Scenario(2).staging(StagingPolicy.CHANGE);

  @Test
  void retryInSmallerBatchesLeavesNoEventInTwoSessions() {
    // Given an open session, and a batch whose late clicks join it to a published row, which
    // crashes
    // between the two commits
    scenario.send(click("u", "02:00"), click("u", "02:30"), click("w", "03:27"));
    scenario.runAt("03:28");
    scenario.send(
        click("x", "03:28"),
        click("u", "03:27").sentAt("03:28"),
        click("u", "02:57").sentAt("03:28"));
    scenario.crashAt("03:29", CrashPoint.SESSIONS_PUBLISHED);
    // When it is repeated, one record per batch, and ends after two of the three
    scenario.maxOffsets(1);
    scenario.deleteCheckpoint();
    scenario.runAt("03:30", () -> scenario.batches().size() >= 3);
    // Then no event is in two sessions
    assertEquals(3, scenario.batches().size());
    assertEquals(List.of("02:00-03:27 4 inactivity"), scenario.live().of("u"));
    scenario.send(click("u", "03:40"));
    scenario.runAt("03:41");
    assertEquals(List.of("02:00-03:40 5 inactivity"), scenario.live().of("u"));
    scenario.assertEqualToOracle();
  }

  @ParameterizedTest
  @CsvSource({
    // crash at,          checkpoint, batches of, more data, crash again at
    "BEGUN,                kept,      ,           false,     ",
    "DECODED,              deleted,   2,          false,     ",
    "SESSIONS_MERGED,      kept,      ,           true,      SESSIONS_PUBLISHED",
    "OPEN_WRITTEN,         kept,      2,          false,     ",
    "SESSIONS_PUBLISHED,   kept,      ,           false,     ",
    "SESSIONS_PUBLISHED,   deleted,   2,          true,      SESSIONS_PUBLISHED",
    "REJECTED_PUBLISHED,   deleted,   ,           true,      ",
    "OPEN_PUBLISHED,       kept,      ,           false,     ",
    "CHECKPOINT_COMMITTED, kept,      ,           true,      "
  })
  void nextRunRecoversFromEveryCrashPoint(
      CrashPoint point, String checkpoint, Long maxOffsets, boolean moreData, CrashPoint again) {
    // Given closed sessions and open ones
    scenario.send(
        click("ann", "08:00"),
        click("ann", "08:20").on(1),
        click("bob", "08:00"),
        click("clock", "09:00"),
        click("clock", "09:00").on(1));
    scenario.runAt("09:01");
    // When late clicks join closed sessions and reopen another one, and their run crashes
    scenario.send(
        click("ann", "08:45").sentAt("09:40"),
        click("bob", "08:25").on(1).sentAt("09:40"),
        click("clock", "09:40"),
        click("clock", "09:40").on(1));
    byte[] broken = "not json".getBytes(StandardCharsets.UTF_8);
    scenario.topic().sendRejected("malformed", 1, "key", broken, at("09:40"));
    scenario.crashAt("09:41", point);
    if (again != null) {
      scenario.crashAt("09:42", again);
    }
    if (checkpoint.equals("deleted")) {
      scenario.deleteCheckpoint();
    }
    if (maxOffsets != null) {
      scenario.maxOffsets(maxOffsets);
    }
    if (moreData) {
      scenario.send(click("ann", "09:10").sentAt("09:42"), click("clock", "09:42").on(1));
    }
    // Then the next run recovers, and one more run finds no event
    scenario.runAt("09:43", () -> false);
    scenario.assertEqualToOracle();
    assertEquals(1, scenario.rejected().size());
    scenario.runAt("09:43", () -> false).ifPresent(last -> assertEquals(0, last.read().records()));
    scenario.assertEqualToOracle();
  }
}

package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.Backfilled;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestSpark;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Given two days of closed sessions and an open one, a backfill repairs a range. */
class BackfillScenarioTest {
  private final Scenario scenario = new Scenario(2);

  BackfillScenarioTest() {
    scenario.send(
        click("ann", "2026-03-01T23:50"),
        click("ann", "00:10").on(1),
        click("bob", "08:00"),
        click("bob", "08:20").on(1),
        click("cut", "08:00"),
        click("cut", "08:29"),
        click("cut", "08:58"),
        click("cut", "09:27"),
        click("cut", "09:56"),
        click("cut", "10:10"));
    scenario.topic().sendRejected("malformed", 1, "key", "not json".getBytes(UTF_8), at("10:10"));
    scenario.send(click("clock", "12:00"), click("clock", "12:00").on(1));
    scenario.runAt("12:01");
  }

  @Test
  void rowsChangedByHandAreRestoredAndARepeatChangesNothing() {
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'ann'");
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'cut' AND close_reason = 'max_duration'");
    scenario.byHand(
        "UPDATE ${sessions} SET event_count = 7, events = slice(events, 1, 1) WHERE uuid = 'bob'");
    Snapshots damaged = scenario.snapshots();

    // A dry run reports the changes and writes nothing
    Backfilled plan = scenario.backfill(scenario.everything(), false);
    assertEquals(damaged, scenario.snapshots());
    assertEquals(
        Map.of("added", 2L, "changed", 1L),
        plan.preview().sample().stream()
            .collect(Collectors.groupingBy(changed -> changed.change(), Collectors.counting())));
    assertEquals(
        new TreeSet<>(List.of(LocalDate.parse("2026-03-01"), LocalDate.parse("2026-03-02"))),
        plan.preview().days());
    assertEquals(4, plan.preview().users());
    assertEquals(1, plan.preview().files());

    // The backfill makes these changes
    Backfilled done = scenario.backfill(scenario.everything(), true);
    assertEquals(plan.preview(), done.preview());
    assertEquals(counts(plan), counts(done));
    scenario.assertEqualToOracle();

    Snapshots restored = scenario.snapshots();
    Backfilled again = scenario.backfill(scenario.everything(), true);
    assertEquals(restored, scenario.snapshots());
    assertEquals(List.of(), again.preview().sample());
    assertEquals(0, again.batch().read().events());
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt("12:01");
  }

  @Test
  void backfillIsLimitedToItsRangeAndUsers() {
    scenario.byHand("DELETE FROM ${sessions}");
    scenario.backfill(scenario.everything(), true, "bob", "nobody");
    assertEquals(List.of("08:00-08:20 2 inactivity"), scenario.closed().of("bob"));
    assertEquals(List.of(), scenario.closed().of("ann"));

    scenario.backfill(range(Map.of(1, 0L), Map.of(1, 1L)), true);
    assertEquals(List.of("00:10-00:10 1 inactivity"), scenario.closed().of("ann"));
    scenario.backfill(scenario.everything(), true);
    scenario.assertEqualToOracle();
  }

  @Test
  void unreadRangeCanBeBackfilledBeforeTheHourlyRun() {
    scenario.send(click("ann", "00:20"), click("clock", "12:10"), click("new", "12:05").on(1));
    Offsets before = scenario.batches().get(0).read().next();
    long watermark = scenario.watermark();
    scenario.backfill(scenario.everything(), true);
    assertEquals(watermark, scenario.watermark());
    scenario.assertEqualToOracle();

    BatchReport run = scenario.runAt("12:11");
    assertEquals(before, run.read().from());
    assertEquals(0, run.read().events());
    assertEquals(3, run.read().duplicates());
    scenario.assertEqualToOracle();
  }

  @Test
  void rangeMissingInKafkaIsRefusedWithTheHeldRange() {
    scenario.topic().deleteBefore(1, 2);
    Snapshots before = scenario.snapshots();
    Failure failure =
        assertThrows(
            Failure.class,
            () -> scenario.backfill(range(Map.of(0, 0L, 1, 1L), Map.of(0, 5L, 1, 3L)), true));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    String message = failure.getMessage();
    assertTrue(message.contains("[1, 2) of partition 1"), message);
    assertTrue(
        message.contains("holds " + range(Map.of(0, 0L, 1, 2L), Map.of(0, 9L, 1, 4L))), message);
    assertEquals(before, scenario.snapshots());
  }

  @ParameterizedTest
  @EnumSource(names = {"DECODED", "OPEN_WRITTEN", "SESSIONS_PUBLISHED"})
  void backfillBesideARunEndsWithConflictAndARetrySucceeds(CrashPoint paused) {
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    scenario.send(click("ann", "00:20"), click("clock", "12:10"), click("clock", "12:10").on(1));
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                scenario.backfill(
                    scenario.everything(),
                    true,
                    point -> {
                      if (point == paused) {
                        scenario.runAt("12:11");
                      }
                    }));
    assertEquals(Failure.Kind.CONFLICT, failure.kind());
    scenario.backfill(scenario.everything(), true);
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt("12:11");
  }

  @ParameterizedTest
  @EnumSource(names = {"DECODED", "OPEN_WRITTEN", "SESSIONS_PUBLISHED"})
  void runPausedDuringABackfillEndsWithConflict(CrashPoint paused) {
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    scenario.send(click("ann", "00:20"), click("clock", "12:10"), click("clock", "12:10").on(1));
    Throwable thrown =
        assertThrows(
            RuntimeException.class,
            () ->
                scenario
                    .newRun(
                        TestSpark.session(),
                        "12:11",
                        scenario.checkpoint(),
                        point -> {
                          if (point == paused) {
                            scenario.backfill(scenario.everything(), true);
                          }
                        })
                    .execute(() -> false));
    while (!(thrown instanceof Failure)) {
      thrown = thrown.getCause();
    }
    assertEquals(Failure.Kind.CONFLICT, ((Failure) thrown).kind());
    scenario.runAt("12:11");
    scenario.assertEqualToOracle();
  }

  private OffsetRange range(Map<Integer, Long> from, Map<Integer, Long> to) {
    String topic = scenario.topic().name();
    return new OffsetRange(Offsets.of(topic, from), Offsets.of(topic, to));
  }

  private static Map<String, Long> counts(Backfilled backfilled) {
    return new TreeMap<>(backfilled.batch().counts());
  }
}

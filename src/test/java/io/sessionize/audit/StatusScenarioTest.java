package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.Status.Answer;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.history.History;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The verdict on a job in each state. */
class StatusScenarioTest {
  private final Scenario scenario = new Scenario(2);

  private Instant lastRun;

  private Status status(String time) {
    return status(time, Limits.NONE);
  }

  private Status status(String time, Limits limits) {
    Instant now = Instant.ofEpochMilli(at(time));
    Base base = scenario.tables().foundBase();
    Failure broken = null;
    try {
      scenario.tables().base();
    } catch (Failure e) {
      broken = e;
    }
    KafkaTopics topic = scenario.topic().describe();
    Offsets recent =
        topic.at(
            scenario.topic().source(null, true, Map.of()).connection(),
            now.minus(limits.longestWait()));
    return Status.of(
        scenario.names().table(),
        base,
        broken,
        new Answer(topic, recent, null),
        limits,
        scenario.tables().reader(base).openEndingAfter(now),
        lastRun,
        now);
  }

  private String verdict(Status status) {
    return status.verdict(new History(scenario.tables()).lastRunAt().orElse(null));
  }

  @Test
  void verdictChangesFromHealthyToBroken() {
    scenario.send(click("ann", "08:00"), click("bob", "09:00"), click("bob", "09:00").on(1));
    scenario.runAt("12:00");
    Status status = status("12:01");
    assertEquals(Optional.empty(), status.failure());
    assertEquals(
        List.of(
            new PartitionLag(new Partition(scenario.topic().name(), 0), 2, 0L, 2L, 0L),
            new PartitionLag(new Partition(scenario.topic().name(), 1), 1, 0L, 1L, 0L)),
        status.partitions());
    assertEquals(Instant.ofEpochMilli(at("08:50")), status.watermark());
    assertEquals(1, status.open());
    assertEquals(Instant.ofEpochMilli(at("09:00")), status.oldestOpenEnd());
    assertTrue(verdict(status).startsWith("HEALTHY: 0 offsets wait"), verdict(status));

    scenario.send(click("ann", "12:10"), click("ann", "12:20").on(1));
    assertEquals(2, status("12:30").records());
    assertTrue(verdict(status("12:30")).startsWith("HEALTHY: 2 offsets wait"));
    assertTrue(verdict(status("14:10")).startsWith("HEALTHY: 2 offsets wait"));
    Status late = status("14:11");
    assertTrue(
        verdict(late)
            .startsWith(
                "BEHIND: 2 offsets wait, and 1 of them have waited for more than 2h:"
                    + " docs/operations.md, Lag grows; last"
                    + " commit"),
        verdict(late));
    // The next run reads them, so it is no failure without a limit
    assertEquals(Optional.empty(), late.failure());

    scenario.crashAt("12:10", CrashPoint.SESSIONS_PUBLISHED);
    String between = verdict(status("12:30"));
    assertTrue(between.startsWith("PUBLISHING: a run is between its two commits"), between);

    scenario.topic().deleteBefore(1, 2);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
  }

  @Test
  void aRecordWithATimeInTheFutureDoesNotHideThatOthersWait() {
    scenario.send(click("ann", "08:00").sentAt(at("23:59")), click("ann", "08:05"));
    scenario.runAt("08:10");
    scenario.send(click("ann", "08:20"));
    // Given the last commit at 08:10
    lastRun = Instant.ofEpochMilli(at("08:10"));
    assertEquals(0, status("09:00").old());
    assertEquals(1, status("11:00").old());
    assertTrue(verdict(status("11:00")).startsWith("BEHIND: 1 offsets wait"));
  }

  @Test
  void verdictHasTheMessageOfTheRefusedRun() {
    scenario.send(click("ann", "08:00"), click("ann", "08:10").on(1), click("ann", "08:12"));
    scenario.runAt("08:13");
    // A new partition that lost its first records before they were read
    scenario.topic().growTo(3);
    scenario.send(click("ann", "08:20").on(2), click("ann", "08:21").on(2));
    scenario.topic().deleteBefore(2, 1);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
    scenario.goesOnAfterDataLoss().runAt("08:22");
    assertTrue(verdict(status("12:30")).startsWith("HEALTHY"));

    // A recompute that was interrupted
    scenario.rules(new Rules(Duration.ofMinutes(45), Duration.ofHours(2), null, List.of()));
    scenario.crashRecomputeAt(CrashPoint.SESSIONS_PUBLISHED);
    assertRefusal("REFUSED", Failure.Kind.USAGE);
    scenario.recompute(new Recomputation(null, null, Set.of()), true);
    assertTrue(verdict(status("12:30")).startsWith("HEALTHY"));

    // An external DELETE is no refusal: the next run accepts it
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'ann'");
    assertTrue(
        verdict(status("12:30")).startsWith("CHANGED: the sessions table has an external commit"));
    scenario.runAt("08:22");

    // A recreated topic
    scenario.topic().deleteAndMakeAnew(3);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
  }

  @Test
  void aWatermarkAheadOfTheClockIsNamed() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    scenario.runAt("2130-01-01T00:00");
    assertTrue(status("12:30").watermarkBehind().isNegative());
    assertTrue(
        verdict(status("12:30")).startsWith("AHEAD: the watermark is ahead of the clock"),
        verdict(status("12:30")));
  }

  @Test
  void openSessionsAheadOfTheClockAreCounted() {
    scenario.send(click("liar", "2099-01-01T00:00"), click("ann", "08:00"));
    scenario.runAt("08:05");
    assertEquals(1, status("12:30").ahead());
  }

  private void assertRefusal(String word, Failure.Kind kind) {
    Failure refused = scenario.assertRefusedAt("12:30", kind);
    Status status = status("12:30");
    assertEquals(kind.exitCode(), status.exitCode());
    assertEquals(
        word
            + ": the next run will end with exit code "
            + kind.exitCode()
            + ": "
            + refused.getMessage(),
        verdict(status("12:30")));
  }

  @Test
  void aLimitThatIsExceededIsAFailure() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    scenario.send(click("ann", "08:10"), click("ann", "08:50"), click("bob", "08:55").on(1));
    Limits both = new Limits(3L, Duration.ofHours(1));
    assertEquals(Optional.empty(), status("09:10", both).failure());

    Status lag = status("09:10", new Limits(2L, null));
    Failure over = lag.failure().orElseThrow();
    assertEquals(Failure.Kind.OTHER, over.kind());
    assertEquals(
        "3 offsets wait, more than --max-lag 2: docs/operations.md, Lag grows.", over.getMessage());
    assertTrue(verdict(lag).startsWith("BEHIND: 3 offsets wait, more than --max-lag 2: docs/"));

    Status behind = status("09:11", both);
    assertEquals(1, behind.exitCode());
    assertEquals(
        "3 offsets wait, and 1 of them have waited for more than 1h: docs/operations.md,"
            + " Lag grows.",
        behind.failure().orElseThrow().getMessage());
    // A topic that is quiet for hours is not behind
    scenario.runAt("09:12");
    assertEquals(
        Optional.empty(), status("23:00", new Limits(1L, Duration.ofMinutes(1))).failure());
  }

  @Test
  void oneTableRolledBackAloneIsAVerdictWithTheRestOfThePage() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    Snapshots first = scenario.snapshots();
    scenario.send(click("bob", "12:00"));
    scenario.runAt("12:05");
    scenario.rollBackSessions(first);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
    Status status = status("12:30");
    assertTrue(status.refusal().getMessage().contains("rolled back alone"));
    assertEquals(0, status.records());
    assertEquals(1, status.open());
  }

  @Test
  void usersThatAreSetAsideAreCounted() {
    scenario.setAside(Set.of("bot", "undefined"));
    scenario.send(click("ann", "08:00"), click("bot", "08:01"));
    scenario.runAt("08:05");
    assertEquals(2, status("08:06").setAside());
  }

  @Test
  void verdictIsUnknownIfKafkaDoesNotAnswer() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("12:00");
    Status silent =
        Status.of(
            scenario.names().table(),
            scenario.tables().base(),
            null,
            new Answer(null, null, Failure.unreachable(null, "Kafka is away")),
            Limits.NONE,
            0,
            null,
            Instant.now());
    assertEquals(
        List.of(
            new PartitionLag(new Partition(scenario.topic().name(), 0), 1, null, null, null),
            new PartitionLag(new Partition(scenario.topic().name(), 1), 0, null, null, null)),
        silent.partitions());
    assertNull(silent.records());
    assertEquals(5, silent.exitCode());
    assertTrue(verdict(silent).startsWith("UNKNOWN: Kafka is away; last commit 20"));
  }

  @Test
  void tablesWhoseZoneThisJavaDoesNotKnowCanBeLookedAtAndGivenAnother() {
    Rules mars =
        Rules.parse(
            "inactivity-timeout=PT30M max-session-duration=PT2H day-in=Mars/Base@0123456789abcdef");
    scenario.tables().create(RunSummary.start("test", scenario.topic().describe().ids(), mars));
    scenario.rules(new GivenRules(null, null, null, null), mars);
    assertEquals(1, RunLog.of(TestSpark.session(), new History(scenario.tables())).count());
    assertEquals(Optional.empty(), status("12:01").failure());
    Explanation explanation =
        new Explainer(TestSpark.session(), scenario.tables()).explain("ann", null, null, 10);
    assertEquals(mars, explanation.rules());
    Failure refused = scenario.assertRefusedAt("12:00", Failure.Kind.USAGE);
    assertTrue(
        refused.getMessage().startsWith("The tables record day_in Mars/Base"),
        refused.getMessage());
    scenario.rules(new GivenRules(null, null, null, null, null, "UTC", null, null, null), mars);
    scenario.recompute(Recomputation.EVERYTHING, true);
    scenario.send(click("ann", "11:00"));
    scenario.runAt("12:01");
  }
}

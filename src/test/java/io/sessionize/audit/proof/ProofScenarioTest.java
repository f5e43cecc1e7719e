package io.sessionize.audit.proof;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.session.Rules;
import io.sessionize.spark.StagingPolicy;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Forgery;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.Shown.Proved;
import io.sessionize.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Given past runs, and later changes of their rows and records. */
class ProofScenarioTest {
  private static final int ALL = 100;

  private final Scenario scenario = new Scenario(2);

  @Test
  void runsOfEveryKindAreProvenFromKafka() {
    assertEquals("nothing to prove: no run has published anything yet\n", beforeTheFirstRun());
    // They change staging; the replay replaces it, as do the runs of the other tests
    scenario.staging(StagingPolicy.CHANGE);
    // A session split at two hours, open sessions, and an invalid record
    twoHours();
    // Late clicks that join sessions and reopen closed ones; the tables compacted in between
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    scenario.send(
        click("ann", "08:45").sentAt("10:40"),
        click("cut", "08:10").sentAt("10:40"),
        click("clock", "10:40").on(1),
        click("clock", "10:40"));
    scenario.topic().sendRejected("malformed", 1, "key", "again".getBytes(UTF_8), at("10:40"));
    assertTrue(scenario.runAt("10:41").sessions().changed() > 0);
    // A crash between the two tables, and a retry with more data in several batches
    scenario.send(click("bob", "08:25").sentAt("11:20"), click("clock", "11:20").on(1));
    scenario.crashAt("11:21", CrashPoint.SESSIONS_PUBLISHED);
    scenario.send(
        click("dan", "11:21"), click("dan", "11:22"), click("dan", "11:23"), click("dan", "11:24"));
    scenario.maxOffsets(2);
    scenario.runAt("11:25");
    assertTrue(scenario.batches().size() >= 4, scenario.batches().toString());
    // A backfill of an unread range, the run that finds it done, and an idle run
    scenario.send(click("clock", "11:50").on(1), click("ann", "11:45"));
    scenario.backfill(scenario.everything(), true);
    scenario.runAt("11:55");
    scenario.runAt("23:00");
    scenario.assertEqualToOracle();

    Proof proof = scenario.proof();
    List<PastRun> runs = proof.last(ALL);
    assertEquals(7, runs.size());
    for (PastRun run : runs) {
      ProofReport report = proof.prove(run);
      assertEquals(List.of(), report.differences());
      assertEquals(Evidence.KAFKA, report.evidence());
      assertEquals(List.of(), run.external());
    }
    assertTrue(runs.get(0).range().isEmpty());
    assertEquals(Work.BACKFILL, runs.get(2).work());
    assertTrue(runs.get(3).batches().size() > 1);
    assertEquals(
        List.of(true, true, true, true, false, true, true),
        runs.stream().map(PastRun::isCommitted).toList());

    Proved shown = prove(proof, List.of(runs.get(6), runs.get(4)));
    assertEquals(null, shown.failure());
    assertTrue(
        shown
            .out()
            .matches(
                "proven from Kafka  \\S+Z  snapshot \\d+  run \\S+:0:\\[0,11\\) \\S+:1:\\[0,3\\)  2"
                    + " sessions\n"
                    + ".*\n"),
        shown.out());
    assertTrue(shown.out().contains("(crashed before its commit point"), shown.out());
  }

  @Test
  void externalChangesOfRowsAreReportedWithTheirSnapshot() {
    Map<String, String> damages = damages();
    damages
        .keySet()
        .forEach(user -> scenario.send(click(user, "08:00").on(1), click(user, "08:01").on(1)));
    twoHours();
    Set<String> expected = new TreeSet<>();
    damages.forEach(
        (user, statement) -> {
          scenario.byHand(statement + " WHERE uuid = '" + user + "'");
          expected.add(by(scenario.snapshots().sessions(), user));
        });
    scenario.byHand("UPDATE ${open} SET event_count = 9 WHERE uuid = 'walks'");
    String inStaging = by(scenario.snapshots().open(), "walks");

    Set<String> withStaging = new TreeSet<>(expected);
    withStaging.add(inStaging);
    assertFound(withStaging, "NOT PROVEN from Kafka  ");
    // A silent run puts the table right that it replaces, and of the rows of the last hours the
    // columns, which follow from their events, and those that are stored twice; it is proven from
    // what it built on
    scenario.runAt("23:00");
    expected.removeIf(found -> found.contains("event_count") || found.contains("found 2 times"));
    Proved silent = prove(scenario.proof(), scenario.proof().last(1));
    assertEquals(null, silent.failure(), silent.out());
    assertEquals(
        damages.size() + 1,
        silent.out().lines().filter(ProofScenarioTest::isExternalCommit).count());
    assertFound(expected, "NOT PROVEN from Kafka  ");

    scenario.topic().deleteBefore(0, 3);
    assertFound(
        expected,
        "NOT PROVEN from stored events (Kafka no longer holds "
            + scenario.topic().name()
            + ":0:[0,3))  ");
  }

  /** A statement for each user. The user is named after the expected difference. */
  private static Map<String, String> damages() {
    Map<String, String> damages = new TreeMap<>();
    damages.put("differs in event_count", "UPDATE ${sessions} SET event_count = 7");
    damages.put(
        "differs in events",
        "UPDATE ${sessions} SET events = transform(events, e -> named_struct('event_id',"
            + " e.event_id, 'event_time_ms', e.event_time_ms, 'page_name', e.page_name,"
            + " 'booking_details', 'altered', 'event_details', e.event_details, 'order', e.`order`,"
            + " 'definition', e.definition))");
    damages.put("removed", "DELETE FROM ${sessions}");
    damages.put("found 2 times", "INSERT INTO ${sessions} SELECT * FROM ${sessions}");
    return damages;
  }

  private static String by(long snapshot, String user) {
    boolean open = user.equals("walks");
    String session = user + "_session_" + at(open ? "09:58" : "08:00") + ": ";
    return open
        ? session + "staging today, changed by external snapshot " + snapshot
        : session + "today: " + user + " by external snapshot " + snapshot;
  }

  @Test
  void recomputeIsProvenFromStoredEvents() {
    twoHours();
    scenario.rules(new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of("logout")));
    scenario.recompute(Recomputation.EVERYTHING, true);
    ProofReport report = report(0);
    assertEquals(List.of(), report.differences());
    assertEquals(Evidence.STORED_EVENTS, report.evidence());

    // Without given rules, each run uses its recorded ones; given rules apply to all runs
    Proof recorded = scenario.proofByRecordedRules();
    List<PastRun> runs = recorded.last(ALL);
    assertEquals(
        2, runs.stream().map(run -> run.last().summary().orElseThrow().rules()).distinct().count());
    runs.forEach(run -> assertTrue(recorded.prove(run).isProven(), run::toString));
    assertUsage("other rules", () -> scenario.proof().prove(runs.get(1)));
  }

  @Test
  void insertedAndMovedRowsAreReported() {
    twoHours();
    scenario.byHand(
        "INSERT INTO ${sessions} SELECT 'eve', 'invented', session_start_time_ms,"
            + " session_end_time_ms, session_duration_seconds, event_count, pages_visited,"
            + " session_start, session_end, close_reason, boundary_rule, events FROM ${sessions}"
            + " WHERE uuid = 'bob'");
    scenario.byHand(
        "UPDATE ${sessions} SET session_start = session_start - INTERVAL 9 DAYS WHERE uuid ="
            + " 'bob'");
    ProofReport report = report(0);
    assertEquals(2, report.differences().size(), report.toString());
    assertTrue(report.differences().get(0).what().startsWith("today: removed by"));
    assertEquals("invented", report.differences().get(1).sessionId());
    assertTrue(report.differences().get(1).what().startsWith("today: inserted by"));
    assertFalse(report.isProven());
    String shown = Shown.proofWithoutIds(scenario.proof(), List.of(report.run())).out();
    assertTrue(shown.contains("\n  2 sessions differ: "), shown);
    assertFalse(shown.contains("invented") || shown.contains("bob"), shown);
  }

  @Test
  void rowRepairedByALaterRunIsNoDifference() {
    twoHours();
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann'");
    scenario.backfill(scenario.everything(), true);
    scenario.assertEqualToOracle();
    Proved shown = prove(scenario.proof(), scenario.proof().last(ALL));
    assertEquals(null, shown.failure(), shown.out());
    assertEquals(
        2, shown.out().lines().filter(ProofScenarioTest::isExternalCommit).count(), shown.out());
  }

  @Test
  void storedEventsAreUsedIfKafkaHasNoRecords() {
    twoHours();
    scenario.send(click("ann", "08:45").sentAt("10:40"), click("clock", "10:40"));
    scenario.send(click("clock", "10:40").on(1));
    scenario.runAt("10:41");
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    scenario.backfill(scenario.everything(), true, "bob");
    assertEvidence("it was a backfill of 1 users", 0);
    scenario.topic().deleteBefore(0, 2);
    assertEvidence("Kafka no longer holds " + scenario.topic().name() + ":0:[0,2)", 2);
    assertEquals(Evidence.KAFKA, report(1).evidence());
    scenario.topic().deleteAndMakeAnew(2);
    assertEvidence("topic " + scenario.topic().name() + " was recreated since", 1);
    scenario.topic().delete();
    assertEvidence("topic " + scenario.topic().name() + " no longer exists", 1);
  }

  @Test
  void forgedCommitWithAValidSummaryIsReported() {
    twoHours();
    new Forgery(scenario)
        .republish(
            "UPDATE ${sessions} SET events = slice(events, 1, 1), session_end = session_start,"
                + " session_end_time_ms = session_start_time_ms, session_duration_seconds = 0,"
                + " event_count = 1, pages_visited = array('home') WHERE uuid = 'bob'",
            "UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann'",
            "UPDATE ${open} SET event_count = 9 WHERE uuid = 'clock'");
    String lost =
        "as published: differs in session_end_time_ms, session_duration_seconds, event_count,"
            + " pages_visited, session_end, events";
    String column = "as published: differs in event_count";
    String staging = "staging as of the run: differs in event_count";
    assertEquals(Evidence.KAFKA, report(0).evidence());
    assertEquals(List.of(column, lost, staging), whats(report(0)));
    // Stored events cannot show a record that never became an event
    scenario.topic().deleteBefore(0, 2);
    assertEquals(Evidence.STORED_EVENTS, report(0).evidence());
    assertEquals(List.of(column, staging), whats(report(0)));
  }

  @Test
  void forgedSnapshotIsReportedAsADifference() {
    twoHours();
    new Forgery(scenario).alter("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'bob'");
    ProofReport report = report(0);
    assertEquals(2, report.run().batches().size());
    assertFalse(report.isProven());
    assertEquals("as published: differs in event_count", report.differences().get(0).what());
  }

  @Test
  void proofReadsOnlyTheDaysOfItsRun() throws Exception {
    scenario.send(click("old", "2026-02-20T10:00"), click("older", "2026-02-19T10:00").on(1));
    scenario.runAt("2026-02-20T10:01");
    scenario.runAt("2026-02-20T20:00");
    twoHours();
    // Reading it would fail
    List<Row> files =
        TestSpark.session()
            .sql(
                "SELECT file_path FROM "
                    + scenario.names().sessions()
                    + ".files WHERE partition.session_start_day < DATE '2026-03-01'")
            .collectAsList();
    assertEquals(2, files.size());
    for (Row file : files) {
      Files.delete(Path.of(file.getString(0).replace("file:", "")));
    }
    assertTrue(report(0).isProven());
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    assertFalse(report(0).isProven());
  }

  @Test
  void unknownRunOtherRulesAndOtherTopicAreRefused() {
    twoHours();
    Proof proof = scenario.proof();
    PastRun run = proof.last(1).get(0);
    assertEquals(run, proof.named(Long.toString(run.snapshot())));
    assertEquals(run, proof.named(run.batches().get(0).run().orElseThrow()));
    assertUsage("has no run or snapshot of a run", () -> proof.named("7"));
    scenario.readAnotherTopic();
    assertUsage("was made from topic", () -> scenario.proof().prove(run));
    scenario.rules(new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of()));
    assertUsage("other rules", () -> scenario.proof().prove(run));
  }

  private static void assertUsage(String expected, Executable refused) {
    Failure failure = assertThrows(Failure.class, refused);
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(expected), failure.getMessage());
  }

  private void assertFound(Set<String> expected, String verdict) {
    Proof proof = scenario.proof();
    Proved shown = prove(proof, proof.last(ALL));
    assertEquals(Failure.Kind.BROKEN, shown.failure().kind());
    assertTrue(shown.out().contains(verdict), shown.out());
    expected.forEach(text -> assertTrue(shown.out().contains(text), text + " in " + shown.out()));
    assertEquals(
        expected.size(), shown.out().lines().filter(line -> line.contains("_session_")).count());
  }

  private static boolean isExternalCommit(String line) {
    return line.startsWith("external commit  ");
  }

  private static List<String> whats(ProofReport report) {
    return report.differences().stream().map(Difference::what).toList();
  }

  private void assertEvidence(String reason, int run) {
    ProofReport report = report(run);
    assertTrue(report.isProven(), report.toString());
    assertEquals(Evidence.STORED_EVENTS, report.evidence());
    assertTrue(report.reason().startsWith(reason), report.reason());
  }

  private ProofReport report(int run) {
    Proof proof = scenario.proof();
    return proof.prove(proof.last(ALL).get(run));
  }

  private static Proved prove(Proof proof, List<PastRun> runs) {
    return Shown.proof(proof, runs);
  }

  private String beforeTheFirstRun() {
    new SessionTables(TestSpark.session(), scenario.names())
        .create(RunSummary.start("test", scenario.topic().describe().ids(), Rules.DEFAULT));
    return Shown.proofOfLast(scenario.proof(), ALL).out();
  }

  private void twoHours() {
    scenario.send(
        click("ann", "08:00"),
        click("ann", "08:20").on(1),
        click("bob", "08:00"),
        click("bob", "08:05").page("search"),
        click("cut", "07:50"),
        click("cut", "08:19"),
        click("cut", "08:48"),
        click("cut", "09:17"),
        click("cut", "09:46"),
        click("cut", "09:55"));
    scenario.topic().sendRejected("malformed", 1, "key", "not json".getBytes(UTF_8), at("09:56"));
    scenario.send(click("clock", "10:00"), click("clock", "10:00").on(1), click("walks", "09:58"));
    scenario.runAt("10:01");
  }
}

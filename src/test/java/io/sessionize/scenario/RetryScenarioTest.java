package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.Rejections;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.event.DefinitionFile;
import io.sessionize.job.Backfilled;
import io.sessionize.job.CrashPoint;
import io.sessionize.offsets.Offsets;
import io.sessionize.summary.Work;
import io.sessionize.table.RejectedReader;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Given closed and open sessions, three records that were rejected by a late horizon, one of them
 * without an event id, and two broken records.
 */
class RetryScenarioTest {
  private static final String WITHOUT_ID =
      String.format("{\"uuid\":\"dan\",\"event_timestamp\":%d}", at("08:00"));

  private final Scenario scenario = new Scenario(2);

  RetryScenarioTest() {
    scenario.lateHorizon(Duration.ofHours(1));
    scenario.send(
        click("ann", "08:00"),
        click("ann", "11:50").on(1),
        click("bob", "08:00"),
        click("clock", "12:00"),
        click("clock", "12:00").on(1));
    scenario.runAt("12:01");
    scenario.send(
        click("ann", "08:20").sentAt("12:05"), click("ann", "10:55").on(1).sentAt("12:05"));
    sendRejected("beyond_horizon", WITHOUT_ID, at("12:05"));
    // The table has no time of a record whose timestamp is in nanoseconds.
    sendRejected("malformed", "not json", at("12:05") * 1_000_000);
    sendRejected("missing_uuid", "{}", at("12:05"));
    scenario.runAt("12:06");
    assertEquals(5, scenario.rejected().size());
    assertEquals(5, left());
  }

  private void sendRejected(String reason, String value, long sentMs) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    scenario.topic().sendRejected(reason, 1, "key", bytes, sentMs);
  }

  @Test
  void recordsThatAreEventsNowAreTakenInOnceWithTheIdentityOfTheirFirstDecoding() {
    Offsets next = next();
    long watermark = scenario.watermark();
    assertEquals(0, scenario.retry(null, true).batch().read().events());
    assertEquals(5, left());

    scenario.lateHorizon(null);
    Scenario.Snapshots before = scenario.snapshots();
    assertEquals(3, scenario.retry("beyond_horizon", false).batch().read().events());
    assertEquals(before, scenario.snapshots());
    Backfilled done = scenario.retry(null, true);
    assertEquals(5, done.batch().read().records());
    assertEquals(3, done.batch().read().events());
    assertEquals(2, done.batch().read().rejectedTotal());
    assertEquals(
        List.of("08:00-08:20 2 inactivity", "10:55-10:55 1 inactivity", "11:50-11:50 1 inactivity"),
        scenario.live().of("ann"));
    assertEquals(next, next());
    assertEquals(watermark, scenario.watermark());
    // The rows stay, two of them without a mark.
    assertEquals(5, scenario.rejected().size());
    assertEquals(2, left());

    // A backfill reads the same events, also the one without an id.
    Backfilled again = scenario.backfill(scenario.everything(), true);
    assertEquals(0, again.batch().read().events());
    assertEquals(0, again.batch().sessions().changes());
    before = scenario.snapshots();
    assertEquals(0, scenario.retry(null, true).batch().read().events());
    assertEquals(before, scenario.snapshots());
  }

  @Test
  void aRollbackVoidsTheMarksAndARetryTakesTheRecordsInAgain() {
    scenario.lateHorizon(null);
    Scenario.Snapshots before = scenario.snapshots();
    scenario.retry(null, true);
    scenario.rollBackSessions(before);
    scenario.rollBackOpen(before);
    assertEquals(5, left());
    scenario.send(click("bob", "12:10"));
    scenario.runAt("12:11");
    assertEquals(3, scenario.retry(null, true).batch().read().events());
    assertEquals(2, left());
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.live().of("dan"));
    // The marks outlive the snapshots that they name.
    scenario.send(click("bob", "12:20"));
    scenario.runAt("12:21");
    scenario.expireAll(scenario.names().sessions());
    scenario.expireAll(scenario.names().open());
    assertEquals(2, left());
  }

  @ParameterizedTest
  @EnumSource(
      value = CrashPoint.class,
      names = {"SESSIONS_MERGED", "SESSIONS_PUBLISHED", "REJECTED_PUBLISHED", "OPEN_PUBLISHED"})
  void aCrashedRetryIsRepeatedAndTakesNothingInTwice(CrashPoint point) {
    scenario.lateHorizon(null);
    scenario.crashRetryAt(point);
    assertEquals(point == CrashPoint.OPEN_PUBLISHED ? 2 : 5, left());
    if (point == CrashPoint.REJECTED_PUBLISHED) {
      // A run between the two does not make the marks hold.
      scenario.send(click("bob", "12:10"));
      scenario.runAt("12:11");
      assertEquals(5, left());
    }
    scenario.retry(null, true);
    assertEquals(2, left());
    Backfilled again = scenario.backfill(scenario.everything(), true);
    assertEquals(0, again.batch().read().events());
    assertEquals(0, again.batch().sessions().changes());
  }

  @Test
  void aUserWhoIsNoLongerSetAsideIsTakenBack() {
    scenario.setAside(Set.of("eve"));
    scenario.send(click("eve", "12:10"), click("eve", "12:15").on(1));
    scenario.runAt("12:16");
    scenario.setAside(null);
    assertEquals(0, scenario.retry("set_aside", true).batch().read().events());
    scenario.setAside(Set.of());
    scenario.send(click("eve", "12:20"));
    scenario.runAt("12:21");
    scenario.setAside(null);
    assertEquals(2, scenario.retry("set_aside", true).batch().read().events());
    assertEquals(List.of("12:10-12:20 3 inactivity"), scenario.live().of("eve"));
    assertEquals(5, left());

    // Set aside again, the user has no session, and the marks end.
    scenario.setAside(Set.of("eve"));
    scenario.send(click("bob", "12:30"));
    scenario.runAt("12:31");
    assertEquals(List.of(), scenario.live().of("eve"));
    assertEquals(7, left());
  }

  /** An element of a batch of events keeps its place in the record as its identity. */
  @Test
  void anElementOfABatchIsTakenInByItself() {
    Scenario batches = new Scenario(1);
    String topic = batches.topic().name();
    batches.definition(
        DefinitionFile.parse(
                "test",
                String.format(
                    "version: 1%ntopics:%n  %s:%n    records: /batch%n    event:%n      uuid: /uuid%n"
                        + "      event_timestamp: /event_timestamp%n",
                    topic))
            .definition());
    batches.lateHorizon(Duration.ofHours(1));
    String element = "{\"uuid\":\"%s\",\"event_timestamp\":%d}";
    String record =
        String.format(
            "{\"batch\":[{},%s,%s]}",
            String.format(element, "dan", at("08:00")), String.format(element, "ann", at("12:00")));
    batches
        .topic()
        .sendRejected(
            "missing_uuid", 0, "key", record.getBytes(StandardCharsets.UTF_8), at("12:00"));
    // Not by runAt: its sums are those of records with one event.
    batches
        .newRun(TestSpark.session(), "12:01", batches.checkpoint(), CrashPoint.Probe.NONE)
        .execute(() -> false);
    assertEquals(2, batches.rejected().size());
    batches.lateHorizon(null);
    Backfilled done = batches.retry(null, true);
    assertEquals(2, done.batch().read().records());
    assertEquals(1, done.batch().read().events());
    assertEquals(
        List.of(topic + "/0/0/1", topic + "/0/0/2"),
        batches
            .rows(
                "SELECT events[0].event_id FROM ${sessions} UNION ALL"
                    + " SELECT events[0].event_id FROM ${open} WHERE NOT published ORDER BY 1")
            .stream()
            .map(row -> row.getString(0))
            .toList());
    assertEquals(
        List.of("missing_uuid 0 false", "beyond_horizon 1 true"),
        texts(
            new Rejections(
                    TestSpark.session(),
                    batches.tables(),
                    new Rejections.Selection(null, null, null))
                .samples(9, true)
                .orderBy("index")
                .selectExpr("concat_ws(' ', reason, index, taken_in)")));
    assertEquals(0, batches.retry(null, true).batch().read().events());
  }

  @Test
  void rejectedRecordsAreListedByReasonWithWhatWasTakenIn() {
    scenario.lateHorizon(null);
    scenario.retry("beyond_horizon", true);
    String topic = scenario.topic().name();
    Rejections all = rejections(new Rejections.Selection(null, topic, null));
    assertEquals(
        List.of("beyond_horizon 3 3", "malformed 1 0", "missing_uuid 1 0"),
        texts(all.counts().selectExpr("concat_ws(' ', reason, records, taken_in)")));
    Row malformed = all.counts().where("reason = 'malformed'").head();
    assertEquals(topic, malformed.getAs("topic"));
    assertEquals(
        Timestamp.from(Instant.ofEpochMilli(at("12:06"))), malformed.getAs("first_rejected_at"));
    assertEquals(
        malformed.<Timestamp>getAs("first_rejected_at"), malformed.getAs("last_rejected_at"));
    assertTrue(malformed.<String>getAs("most_frequent_detail").contains("Unrecognized token"));

    // The newest of each reason; values only if they are wanted.
    assertEquals(3, all.samples(1, false).count());
    assertFalse(List.of(all.samples(1, false).columns()).contains("value"));
    assertEquals(
        List.of("not json"), texts(all.samples(9, true).where("reason = 'malformed'"), "value"));
    assertEquals(5, all.samples(9, true).count());

    assertEquals(3, count(new Rejections.Selection("beyond_horizon", null, null)));
    assertEquals(0, count(new Rejections.Selection(null, "other", null)));
    Instant later = Instant.ofEpochMilli(at("12:06") + 1);
    assertEquals(5, count(new Rejections.Selection(null, null, later.minusMillis(1))));
    assertEquals(0, count(new Rejections.Selection(null, null, later)));
  }

  private Rejections rejections(Rejections.Selection selection) {
    return new Rejections(TestSpark.session(), scenario.tables(), selection);
  }

  private long count(Rejections.Selection selection) {
    return rejections(selection).samples(9, false).count();
  }

  private static List<String> texts(Dataset<Row> rows, String... columns) {
    Dataset<Row> chosen = columns.length == 0 ? rows : rows.selectExpr(columns);
    return chosen.collectAsList().stream().map(row -> row.getString(0)).toList();
  }

  @Test
  void aRetryIsProvenFromTheRecordsThatItMarked() {
    scenario.lateHorizon(null);
    scenario.retry(null, true);
    scenario.send(click("bob", "12:10"));
    scenario.runAt("12:11");
    Proof proof = scenario.proof();
    for (int run = 0; run < 4; run++) {
      ProofReport report = proof.prove(proof.last(4).get(run));
      assertTrue(report.isProven(), report.toString());
      boolean isRetry = report.run().work().equals(Work.RETRY);
      assertEquals(run == 1, isRetry);
      assertEquals(isRetry ? Evidence.REJECTED_RECORDS : Evidence.KAFKA, report.evidence());
    }
  }

  /** How many rejected records have no mark that holds. */
  private long left() {
    return new RejectedReader(TestSpark.session(), scenario.tables())
        .notTakenIn(scenario.tables().base().progress(), Optional.empty())
        .count();
  }

  private Offsets next() {
    return scenario.tables().base().next();
  }
}

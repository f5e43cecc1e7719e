package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Answer;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.event.DefinitionFile;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.ScenarioTopic;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tables of several topics on a real broker. */
class SeveralTopicsScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private final ScenarioTopic web = scenario.topic();
  private ScenarioTopic app;

  /** Given tables of one topic, to which another one is added whose first records are deleted. */
  private BatchReport add() {
    // The definition has it from the beginning, so that all events have one number
    app = scenario.topics().add(1);
    scenario.topics().leave(app, false);
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    scenario.runAt("08:10");
    scenario.topics().readAgain(app);
    app.sendRejected("malformed", 0, null, "lost".getBytes(UTF_8), at("07:00"));
    app.deleteBefore(0, 1);
    app.rejected().clear();
    app.send(List.of(click("ann", "08:12"), click("eve", "08:13")));
    scenario.send(click("ann", "08:20").on(1));
    return scenario.runAt("08:25");
  }

  @Test
  void anAddedTopicIsReadFromItsEarliestOffset() {
    BatchReport added = add();
    assertEquals(OffsetRange.NONE, added.read().lost());
    assertEquals(3, added.read().records());
    // Spark would fail: the topic does not begin at 0
    assertTrue(added.checkpointSetAside().isPresent());
    assertEquals(Set.of(web.name(), app.name()), topics());
    scenario.assertEqualToOracle();

    // Both topics in one stream, batch by batch, over a crash and a broken record
    scenario.maxOffsets(2);
    app.send(List.of(click("ann", "08:30"), click("ann", "08:31"), click("eve", "08:40")));
    app.sendRejected("malformed", 0, "key", "not json".getBytes(UTF_8), at("08:41"));
    web.sendRejected("malformed", 0, "key", "not json".getBytes(UTF_8), at("08:41"));
    scenario.send(click("bob", "08:45"), click("bob", "08:46").on(1));
    scenario.crashAt("08:50", CrashPoint.SESSIONS_PUBLISHED);
    assertEquals(1, web.rejected().size());
    BatchReport rest = scenario.runAt("08:50");
    assertTrue(rest.checkpointSetAside().isEmpty());
    assertEqualToOracle();

    // A topic that is quiet holds nobody back
    scenario.send(click("bob", "09:30"), click("bob", "09:30").on(1));
    scenario.runAt("09:31");
    assertEquals(at("09:20"), scenario.tables().base().watermark().publishedMs());
    assertEqualToOracle();
  }

  @Test
  void eachTopicHasItsOwnMapping() {
    scenario.send(click("ann", "07:55"));
    scenario.runAt("07:56");
    app = scenario.topics().add(1);
    scenario.definition(
        DefinitionFile.parse(
                "two.yaml",
                """
            version: 1
            placeholders: []
            topics:
              %s:
                preset: sessionize
              %s:
                event:
                  uuid: /user/id
                  event_id: /mid
                  event_timestamp: {at: /seconds, as: epoch_s}
                  page_name: /screen
            """
                    .formatted(web.name(), app.name()))
            .definition());
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    for (TestClick click : List.of(click("ann", "08:10"), click("eve", "08:11"))) {
      app.send(
          click,
          "{\"user\":{\"id\":\"%s\"},\"mid\":\"%s\",\"seconds\":%d,\"screen\":\"%s\"}"
              .formatted(click.uuid(), click.id(), click.timeMs() / 1_000, click.page())
              .getBytes(UTF_8));
    }
    // The shape of the other topic is not an event here
    app.sendRejected("missing_uuid", click("eve", "08:12"));
    BatchReport added = scenario.runAt("08:15");
    assertEquals(4, added.read().events());
    assertEquals(Map.of("missing_uuid", 1L), added.read().rejected());
    assertEquals(2, scenario.tables().base().definitions().number());
    assertEquals(3, scenario.live().byId().size());
  }

  @Test
  void recordsThatAreTooLargeTogetherAreReadInParts() {
    add();
    web.maxBytes(1_000_000);
    byte[] large = new byte[700_000];
    for (ScenarioTopic topic : List.of(web, app)) {
      topic.sendRejected("malformed", 0, "key", large, at("08:41"));
      topic.sendRejected("malformed", 0, "key", large, at("08:41"));
    }
    app.send(List.of(click("ann", "08:30"), click("eve", "08:31")));
    scenario.send(click("bob", "08:45"), click("bob", "08:46").on(1));
    int before = scenario.batches().size();
    scenario.runAt("08:50");
    assertTrue(scenario.batches().size() > before + 1, "It was one batch");
    scenario.assertLiveEqualToOracle();
  }

  @Test
  void aTopicIsDroppedOnlyIfItIsNamedAndComesBackWhole() {
    add();
    scenario.topics().leave(app, false);
    Failure refused = scenario.assertRefusedAt("08:30", Failure.Kind.USAGE);
    assertTrue(
        refused.getMessage().contains("from topic " + app.name() + " too"), refused.getMessage());
    scenario.topics().leave(app, true);
    scenario.send(click("bob", "08:30"));
    BatchReport dropped = scenario.runAt("08:31");
    assertTrue(dropped.checkpointSetAside().isPresent());
    assertEquals(Set.of(web.name()), topics());
    scenario.assertLiveEqualToOracle();
    assertEquals(3, proven().size());

    app.send(List.of(click("eve", "08:32")));
    scenario.topics().readAgain(app);
    BatchReport back = scenario.runAt("08:35");
    assertEquals(2, back.read().duplicates());
    assertEquals(1, back.read().events());
    scenario.assertLiveEqualToOracle();
  }

  @Test
  void aBackfillAndAProofWorkOverAllTopics() {
    add();
    scenario.byHand("DELETE FROM ${open} WHERE true");
    assertEquals(5, scenario.backfill(scenario.everything(), true).batch().read().records());
    scenario.assertLiveEqualToOracle();
    Offsets from = Offsets.of(app.name(), Map.of(0, 2L));
    OffsetRange last = new OffsetRange(from, Offsets.of(app.name(), Map.of(0, 3L)));
    assertEquals(1, scenario.backfill(last, true).batch().read().records());
    assertEquals(Set.of(web.name(), app.name()), topics());
  }

  @Test
  void eachRunIsProvenFromTheTopicsThatItRead() {
    add();
    scenario.send(click("bob", "09:00"));
    app.send(List.of(click("ann", "09:05")));
    scenario.runAt("09:10");
    assertEquals(List.of(Evidence.KAFKA, Evidence.KAFKA, Evidence.KAFKA), proven());
    // A topic that is recreated leaves the stored events, where any of its records were read
    app.deleteAndMakeAnew(1);
    assertEquals(List.of(Evidence.STORED_EVENTS, Evidence.STORED_EVENTS, Evidence.KAFKA), proven());
    Failure refused = scenario.assertRefusedAt("09:15", Failure.Kind.BROKEN);
    assertTrue(
        refused.getMessage().contains("Topic " + app.name() + " was deleted and recreated"),
        refused.getMessage());
    scenario.rebind(Offsets.of(app.name(), Map.of(0, 0L)), false);
    app.send(List.of(click("ann", "09:20")));
    scenario.runAt("09:21");
    scenario.assertLiveEqualToOracle();
  }

  @Test
  void statusTellsTheTopicsApart() {
    add();
    app.send(List.of(click("ann", "08:30"), click("ann", "08:31")));
    scenario.send(click("bob", "08:30"));
    Status status = status(scenario.topics().describe());
    assertEquals(Set.of(web.name(), app.name()), status.topics());
    assertEquals(3, status.records());
    assertEquals(2, status.records(app.name()));
    assertEquals(1, status.records(web.name()));

    // Of a topic that is gone nothing is known; the other is shown
    app.delete();
    Status gone = status(scenario.topics().describe());
    assertNull(gone.records(app.name()));
    assertEquals(1, gone.records(web.name()));
    assertEquals(3, gone.partitions().size());
    assertEquals(2, gone.exitCode());
  }

  private Status status(KafkaTopics found) {
    Failure missing =
        found.names().contains(app.name()) ? null : Failure.usage("There is no topic");
    return Status.of(
        scenario.names().table(),
        scenario.tables().base(),
        null,
        new Answer(found, found.latest(), missing),
        Limits.NONE,
        0,
        null,
        Instant.ofEpochMilli(at("09:00")));
  }

  private List<Evidence> proven() {
    Proof proof = scenario.proof();
    List<ProofReport> reports = proof.last(3).stream().map(proof::prove).toList();
    reports.forEach(report -> assertTrue(report.isProven(), report::toString));
    return reports.stream().map(ProofReport::evidence).toList();
  }

  private void assertEqualToOracle() {
    scenario.assertLiveEqualToOracle();
    assertEquals(
        2,
        TestSpark.session()
            .table(scenario.names().rejected())
            .where("partition = 0 AND reason = 'malformed'")
            .count());
  }

  private Set<String> topics() {
    return scenario.tables().base().progress().topics().keySet();
  }
}

package io.sessionize.pipeline;

import static io.sessionize.pipeline.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Given tables after a run, and a next one that cannot go on from there. */
class ContinuityScenarioTest {
  private final Scenario scenario = new Scenario(2);

  ContinuityScenarioTest() {
    scenario.send(click("ann", "08:00"), click("ann", "08:10").on(1));
    scenario.runAt("08:11");
  }

  @Test
  void otherRulesAndAnotherTopicAreRefusedWithTheWaysOut() {
    scenario.rules(new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of()));
    String rules = scenario.assertRefusedAt("09:00", Failure.Kind.USAGE).getMessage();
    assertTrue(rules.contains("PT30M") && rules.contains("PT20M"), rules);
    assertTrue(rules.contains("recompute") && rules.contains("--iceberg-table"), rules);

    scenario.rules(new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of("logout")));
    scenario.assertRefusedAt("09:00", Failure.Kind.USAGE);

    String topicBefore = scenario.topic().name();
    scenario.rules(Rules.DEFAULT);
    scenario.readAnotherTopic();
    String topic = scenario.assertRefusedAt("09:00", Failure.Kind.USAGE).getMessage();
    assertTrue(topic.contains(topicBefore) && topic.contains(scenario.topic().name()), topic);
    assertTrue(topic.contains("--iceberg-table"), topic);
  }

  @Test
  void aTopicDeletedAndMadeAnewIsRefused() {
    scenario.topic().deleteAndMakeAnew(2);
    scenario.send(click("ann", "08:20"), click("ann", "08:30").on(1));
    String message = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("made anew"), message);
  }

  @Test
  void recordsDeletedBeforeTheyWereReadAreNamedAndThoseAfterDoNoHarm() {
    scenario.topic().deleteBefore(1, 1);
    scenario.send(click("ann", "08:20").on(1), click("ann", "08:25").on(1));
    scenario.runAt("08:26");
    scenario.assertEqualToOracle();

    scenario.send(click("ann", "08:30").on(1), click("ann", "08:35").on(1));
    scenario.topic().deleteBefore(1, 4);
    String message = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("[3, 4) of partition 1"), message);
    assertEquals(List.of("08:00-08:25 4 inactivity"), scenario.live().of("ann"));
  }
}

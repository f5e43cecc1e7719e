package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.job.MaxRejected;
import io.sessionize.testing.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaxRejectedScenarioTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void aRunWithTooManyRejectedRecordsWritesNothingUntilItIsLetPass() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String good = String.format("{\"uuid\":\"u%d\",\"event_timestamp\":%d}", i, at("08:10"));
      String value = i % 10 == 0 ? "{" + i : good;
      values.add((i == 7 ? "[]" : value).getBytes(StandardCharsets.UTF_8));
    }
    Definition builtIn = Definition.builtIn(scenario.topic().name());
    Limits limits = new Limits(600_000, null);
    scenario
        .topic()
        .sendDecoded(new MappingDecoder(builtIn, 1, List.of(), limits), 0, at("08:10"), values);
    Scenario.Snapshots before = scenario.snapshots();
    for (int attempt = 0; attempt < 2; attempt++) {
      scenario.maxRejected(new MaxRejected(5));
      // Spark's stream wraps it.
      Throwable thrown = assertThrows(RuntimeException.class, () -> scenario.runAt("08:11"));
      while (thrown.getCause() != null) {
        thrown = thrown.getCause();
      }
      Failure failure = assertInstanceOf(Failure.class, thrown);
      assertEquals(Failure.Kind.BROKEN, failure.kind());
      assertTrue(
          failure
              .getMessage()
              .contains("101 of the 1000 elements (records, or elements of batches) are rejected"),
          failure.getMessage());
      assertTrue(failure.getMessage().contains("Most frequent: malformed, "), failure.getMessage());
      assertEquals(before, scenario.snapshots());
    }
    scenario.maxRejected(MaxRejected.ANY);
    assertEquals(101, scenario.runAt("08:12").read().rejectedTotal());
    scenario.assertEqualToOracle();
  }
}

package io.sessionize.cli;

import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The results of proofs for programs: the exit code is the same as for people. */
class ProofRowsScenarioTest {
  private final Scenario scenario = new Scenario(1);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aRowOfEachRunHasTheVerdictAndWhatDiffers() throws IOException {
    scenario.send(click("ann", "08:00"), click("ann", "12:00"));
    scenario.runAt("12:01");
    prove(true);
    assertEquals("proven", only().get("verdict").asText());
    assertEquals("kafka", only().get("evidence").asText());
    assertEquals(1, only().get("sessions").asInt());
    assertEquals(0, only().get("differences").size());

    TestSpark.session()
        .sql("UPDATE " + scenario.names().sessions() + " SET close_reason = 'boundary'");
    Failure failure = assertThrows(Failure.class, () -> prove(true));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertEquals("not_proven", only().get("verdict").asText());
    String id = only().at("/differences/0/session_id").asText();
    assertTrue(id.startsWith("ann_session_"), id);

    assertThrows(Failure.class, () -> prove(false));
    assertTrue(only().path("differences").isMissingNode(), out.toString(UTF_8));
  }

  private void prove(boolean ids) throws IOException {
    out.reset();
    Proof proof = scenario.proof();
    List<PastRun> runs = proof.last(9);
    RowPrinter.Form form =
        new RowPrinter.Form("jsonl", null, new Csv(false, Csv.LF), ConsoleTable.Layout.DEFAULT);
    RowPrinter printer = new RowPrinter(new PrintStream(out, true, UTF_8), form);
    AuditProve.proveAsRows(proof, runs, ids, TestSpark.session(), printer);
  }

  private JsonNode only() throws IOException {
    List<String> lines = out.toString(UTF_8).lines().toList();
    assertEquals(1, lines.size());
    return new ObjectMapper().readTree(lines.get(0));
  }
}

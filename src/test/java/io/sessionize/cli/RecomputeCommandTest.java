package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.column.GivenColumns;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code recompute} prints, reports and writes. */
class RecomputeCommandTest {
  private final Scenario scenario = new Scenario(1);

  @TempDir private Path folder;

  private List<String> recompute(String... options) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--iceberg-database",
                scenario.names().database(),
                "--iceberg-table",
                scenario.names().table()));
    words.addAll(List.of("--warehouse", TestSpark.warehouse().toString()));
    words.addAll(List.of(options));
    RecomputeCommand command = new RecomputeCommand();
    Arguments arguments = Arguments.parse(command, words, name -> null);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    command
        .check(arguments)
        .execute(
            new TableContext(
                TestSpark.session(),
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8)));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private List<String> columnsOnly(String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of(options));
    words.add("--columns-only");
    return recompute(words.toArray(String[]::new));
  }

  @Test
  void aWhatIfCanBeAPage() throws Exception {
    scenario.send(
        TestClick.click("ann", "2026-03-01T09:00"),
        TestClick.click("ann", "2026-03-01T09:40"),
        TestClick.click("clock", "2026-03-01T20:00"));
    scenario.runAt("2026-03-01T20:01");
    Path page = folder.resolve("what-if.html");
    List<String> lines =
        recompute("--what-if", "--inactivity-timeout", "45m", "--html", page.toString());
    assertEquals("page: " + page, lines.get(lines.size() - 2));
    assertEquals(
        "what if: " + scenario.names().table() + " is unchanged", lines.get(lines.size() - 1));
    String html = Files.readString(page);
    assertTrue(
        html.contains("\"rules_before\":\"inactivity-timeout=PT30M max-session-duration=PT2H\""),
        html);
    assertTrue(html.contains("\"sessions_before\":[2],\"sessions_after\":[1]"), html);
    assertTrue(Files.size(page) < 5_000_000);
    assertEquals(2, scenario.count("SELECT count(*) FROM ${sessions}"));
    assertEquals(Set.of("main"), scenario.tables().sessionsTable().refs().keySet());
  }

  @Test
  void aWhatIfCountsTheRowsOfEachColumnThatChange() throws Exception {
    scenario.columns(
        new GivenColumns(
            true,
            new TreeMap<>(
                Map.of(
                    "pages", "size(pages_visited)", "`is", "CAST(1 AS INT)", "n", "event_count")),
            null));
    scenario.send(
        TestClick.click("ann", "2026-03-01T09:00"),
        TestClick.click("ann", "2026-03-01T09:40"),
        TestClick.click("bob", "2026-03-01T09:00"),
        TestClick.click("clock", "2026-03-01T20:00"));
    scenario.runAt("2026-03-01T20:01");
    List<String> lines = recompute("--what-if", "--inactivity-timeout", "45m");
    assertTrue(lines.contains("|n             |1           |"), lines.toString());
    assertTrue(lines.contains("|`is           |0           |"), lines.toString());
    assertTrue(lines.contains("|pages         |0           |"), lines.toString());
  }

  @Test
  void itPrintsALineForEachDay() throws Exception {
    scenario.send(TestClick.click("ann", "2026-03-01T09:00"));
    scenario.runAt("2026-03-01T20:00");
    scenario.send(TestClick.click("ann", "2026-03-02T09:00"));
    scenario.send(TestClick.click("ann", "2026-03-03T09:00"));
    scenario.runAt("2026-03-03T09:01");
    String table = scenario.names().table();
    assertEquals(
        List.of("nothing to do: all rows of " + table + " follow its session columns"),
        columnsOnly());

    Path file = folder.resolve("events.yaml");
    Files.writeString(
        file,
        String.format(
            """
            version: 1
            topics:
              %s:
                preset: sessionize
            session:
              columns:
                pages: "size(pages_visited)"
                wrong: "element_at(events, 0).event_id"
            """,
            scenario.topic().name()));
    String[] definition = {"--definition", file.toString()};
    assertEquals(
        List.of(
            "2026-03-01  1 rows would change  (day 1 of 2)",
            "2026-03-02  1 rows would change  (day 2 of 2)",
            "+--------------+------------+",
            "|session_column|rows_changed|",
            "+--------------+------------+",
            "|pages         |2           |",
            "|wrong         |0           |",
            "+--------------+------------+",
            "what if: " + table + " is unchanged; 2 of its rows would change"),
        columnsOnly(definition[0], definition[1], "--what-if").stream()
            .filter(line -> !line.startsWith("failed_columns"))
            .toList());
    Path report = folder.resolve("report.json");
    List<String> lines = columnsOnly(definition[0], definition[1], "--report", report.toString());
    assertEquals("2026-03-01  1 rows changed  (day 1 of 2)", lines.get(0));
    assertEquals("2026-03-02  1 rows changed  (day 2 of 2)", lines.get(1));
    assertTrue(lines.get(2).matches("failed_columns \\d+"), lines.get(2));
    assertEquals(
        "done: all rows of " + table + " follow its session columns; 2 have changed", lines.get(3));
    JsonNode done = new ObjectMapper().readTree(report.toFile());
    assertEquals("recompute", done.get("command").asText());
    assertEquals(2, done.get("batches").asInt());
    assertEquals(2, done.get("sessions_changed").asInt());
    assertEquals(0, done.get("events").asInt());
  }
}

package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.TestBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The packaged jar through the launcher: what each command prints. */
class LauncherOutputIT extends LauncherFixture {
  /** Runs a command in a terminal of so many columns, and prints what it shows. */
  private static final String TERMINAL =
      """
      import fcntl, os, pty, struct, sys, termios
      child, terminal = pty.fork()
      if child == 0:
          size = struct.pack("HHHH", 40, int(sys.argv[1]), 0, 0)
          fcntl.ioctl(1, termios.TIOCSWINSZ, size)
          os.execvp(sys.argv[2], sys.argv[2:])
      try:
          while shown := os.read(terminal, 65536):
              sys.stdout.buffer.write(shown.replace(b"\\r\\n", b"\\n"))
      except OSError:
          pass  # The command has ended.
      sys.stdout.flush()
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
      """;

  @Test
  void maintenancePrintsALinePerStepAndTheNextRunContinues() throws Exception {
    String[] command = run(topicWithOneEvent("maintained"));
    Map<String, String> warehouse =
        Map.of("ICEBERG_WAREHOUSE", folder.resolve("warehouse").toString());
    Launched.sessionize(folder, Map.of(), command).succeeds();
    List<String> lines =
        Launched.sessionize(folder, warehouse, "maintain", "--keep-snapshots", "0")
            .succeeds()
            .out();
    assertTrue(
        lines
            .get(0)
            .startsWith(
                "local.sessions.user_sessions, local.sessions.user_sessions_open: tagged audit-"),
        lines.toString());
    assertTrue(
        lines.contains("local.sessions.user_sessions_open: snapshots: 1 expired, 1 kept"),
        lines.toString());
    assertEquals("done", lines.get(lines.size() - 1));
    assertEquals(
        List.of("nothing to do"), Launched.sessionize(folder, Map.of(), command).succeeds().out());
  }

  @Test
  void testModeNeedsNoKafkaAndShowsSessions() throws Exception {
    try (Launched run = Launched.sessionize(folder, Map.of(), "run", "--test-mode").succeeds()) {
      assertTrue(
          String.join("\n", run.out())
              .contains("user-1234-5678-11223-33221_session_1790875556200"));
    }
  }

  @Test
  void sqlPrintsRowsAsTableJsonLinesOrCsv() throws Exception {
    Launched.sessionize(folder, Map.of(), run(topicWithOneEvent("queried"))).succeeds();
    String statement = "SELECT 1 AS a, 'say \"x\", y' AS b, array('p', 'q') AS c";
    assertEquals(
        List.of("{\"a\":1,\"b\":\"say \\\"x\\\", y\",\"c\":[\"p\",\"q\"]}"),
        sql(statement, "jsonl"));
    assertEquals(
        List.of("a,b,c", "1,\"say \"\"x\"\", y\",\"[\"\"p\"\",\"\"q\"\"]\""),
        sql(statement, "csv"));
    assertEquals("|1  |say \"x\", y|[p, q]|", sql(statement, "table").get(3));
  }

  @Test
  void aTerminalGetsATableThatFitsAndNothingThatControlsIt() throws Exception {
    Launched.sessionize(folder, Map.of(), run(topicWithOneEvent("shown"))).succeeds();
    String statement = "SELECT concat('a', char(27), '[31m', repeat('x', 60)) AS page, 1 AS n";
    List<String> command =
        List.of("python3", "-c", TERMINAL, "60", "scripts/sessionize", "sql", statement);
    Map<String, String> warehouse =
        Map.of("ICEBERG_WAREHOUSE", folder.resolve("warehouse").toString(), "TERM", "xterm");
    try (Launched terminal = Launched.start(folder, warehouse, command).succeeds()) {
      assertEquals(
          List.of("-[ row 1 ]----", "page | a\\u001b[31m" + "x".repeat(60), "n    | 1"),
          terminal.out());
    }
  }

  @Test
  void auditsShowWhatTheRunsDid() throws Exception {
    String topic = topicWithOneEvent("audited");
    Launched.sessionize(folder, Map.of(), run(topic)).succeeds();
    List<String> log = audit("log", "--format", "jsonl");
    assertEquals(2, log.size());
    assertTrue(
        log.get(0).contains("\"what\":\"run\",\"offsets\":\"" + topic + ":0:[0,1)\""), log.get(0));
    String first = log.get(1).replaceFirst(".*\"snapshot\":(\\d+).*", "$1");
    List<String> diff = audit("diff", "--from", first);
    assertTrue(diff.get(0).startsWith("from snapshot " + first + " ("), diff.get(0));
    assertTrue(diff.get(0).endsWith("0 sessions added, 0 removed (0 of them paired), 0 changed"));
    // On the first day of the tables, there is no yesterday.
    assertEquals(diff, audit("diff", "--from", "yesterday"));

    List<String> status = on("status", "--kafka-servers", TestBroker.shared().servers());
    assertTrue(status.get(status.size() - 1).startsWith("HEALTHY: 0 offsets wait"));
    assertTrue(status.stream().allMatch(line -> line.length() <= 100), status.toString());
    assertStatusWithoutKafka();
  }

  /** The exit code is that of the next run, and the page is complete. */
  private void assertStatusWithoutKafka() throws Exception {
    Path metrics = folder.resolve("status.prom");
    try (Launched silent =
        Launched.sessionize(
            folder,
            Map.of("ICEBERG_WAREHOUSE", folder.resolve("warehouse").toString()),
            "status",
            "--kafka-servers",
            "127.0.0.1:1",
            "--format",
            "json",
            "--metrics-file",
            metrics.toString())) {
      assertEquals(5, silent.exitCode());
      String unknown = String.join("", silent.out());
      assertTrue(unknown.contains("\"committed\" : 1,"), unknown);
      assertTrue(
          unknown.contains("\"verdict\" : \"UNKNOWN: Kafka at 127.0.0.1:1 could not"), unknown);
      assertTrue(silent.err().get(0).startsWith("sessionize: Kafka at 127.0.0.1:1 could not"));
    }
    assertTrue(
        Files.readString(metrics)
            .contains(
                "sessionize_status_exit_code{command=\"status\",table=\"sessions.user_sessions\"}"
                    + " 5.0"));
  }

  @Test
  void aDeletedRowIsNotProvenUntilABackfillRestoresIt() throws Exception {
    String topic = topicWithOneEvent("damaged");
    // Late enough to close ann's session.
    send(topic, "bob", 1767240000000L);
    String[] run = run(topic);
    Launched.sessionize(folder, Map.of(), run).succeeds();
    String[] from = Arrays.copyOfRange(run, 1, run.length);
    assertEquals(List.of("proven"), verdicts(0, from));

    String warehouse = folder.resolve("warehouse").toString();
    Launched.sessionize(
            folder,
            Map.of("ICEBERG_WAREHOUSE", warehouse),
            "sql",
            "--write",
            "DELETE FROM sessions.user_sessions WHERE uuid = 'ann'")
        .succeeds();
    assertEquals(List.of("NOT"), verdicts(3, from));

    List<String> plan = backfill(from, "--dry-run");
    assertEquals("sessions  1 added, 0 changed, 0 removed; 1 open afterwards", plan.get(2));
    assertEquals("dry run: nothing was written", plan.get(plan.size() - 1));
    List<String> done = backfill(from);
    assertEquals(plan.subList(0, plan.size() - 1), done.subList(0, done.size() - 1));
    assertEquals("done", done.get(done.size() - 1));
    assertEquals(List.of("proven"), verdicts(0, from));
  }

  @Test
  void rulesAndColumnsOfADefinitionAreAppliedComparedAndFilled() throws Exception {
    String topic = topicWithOneEvent("tried");
    send(topic, "ann", 1767225600000L + 20 * 60_000);
    send(topic, "bob", 1767240000000L);
    String rules = "{ends: \"event_id = '1767225600000'\"}";
    String columns = "{ended: \"coalesce(boundary_rule, close_reason)\"}";
    String sample =
        event("ann", 1767225600000L) + "\n" + event("ann", 1767225600000L + 20 * 60_000);
    Path file = Files.writeString(folder.resolve("sample.jsonl"), sample);
    String[] trial = with(definition(topic, rules, columns), "try", "--from-file", file.toString());
    assertEquals(
        List.of("  ended                    \"ends\"", "  ended                    \"inactivity\""),
        Launched.sessionize(folder, Map.of(), trial).succeeds().out().stream()
            .filter(line -> line.startsWith("  ended "))
            .toList());

    Launched.sessionize(folder, Map.of(), with(definition(topic, rules, "{}"), run(topic)))
        .succeeds();

    List<String> whatIf =
        recompute(definition(topic, "{ends: ''}", "{}"), "--what-if", "--keep-branch");
    assertEquals("sessions  0 added, 1 changed, 1 removed; 1 open afterwards", whatIf.get(0));
    assertEquals(
        "what if: user_sessions is unchanged; the result is on its branch what_if for 7 days",
        whatIf.get(whatIf.size() - 1));

    assertEquals(
        List.of(
            "2026-01-01  2 rows changed  (day 1 of 1)",
            "done: all rows of user_sessions follow its session columns; 2 have changed"),
        recompute(definition(topic, rules, columns), "--columns-only"));
    assertEquals(
        List.of("nothing to do"),
        Launched.sessionize(folder, Map.of(), with(definition(topic, rules, columns), run(topic)))
            .succeeds()
            .out());
  }

  /** Writes a definition, and returns the option that gives it. */
  private String[] definition(String topic, String rules, String columns) throws Exception {
    String text =
        String.format(
            "{version: 1, topics: {%s: {preset: sessionize}}, session: {rules: %s, columns: %s}}",
            topic, rules, columns);
    Path file = Files.writeString(folder.resolve("definition.yaml"), text);
    return new String[] {"--definition", file.toString()};
  }

  private List<String> recompute(String[] definition, String... options) throws Exception {
    return Launched.sessionize(
            folder,
            Map.of("ICEBERG_WAREHOUSE", folder.resolve("warehouse").toString()),
            with(with(definition, options), "recompute"))
        .succeeds()
        .out();
  }

  private List<String> verdicts(int exitCode, String... from) throws Exception {
    try (Launched prove = Launched.sessionize(folder, Map.of(), with(from, "audit", "prove"))) {
      assertEquals(exitCode, prove.exitCode(), () -> prove.err().toString());
      return prove.out().stream()
          .filter(line -> line.contains("proven") || line.contains("PROVEN"))
          .map(line -> line.split(" ")[0])
          .toList();
    }
  }

  private List<String> backfill(String[] from, String... more) throws Exception {
    String[] range = with(more, "backfill", "--from", "earliest", "--to", "latest");
    return Launched.sessionize(folder, Map.of(), with(from, range)).succeeds().out();
  }

  private List<String> audit(String... words) throws Exception {
    return on(with(words, "audit"));
  }

  private List<String> on(String... command) throws Exception {
    Map<String, String> warehouse =
        Map.of("ICEBERG_WAREHOUSE", folder.resolve("warehouse").toString());
    return Launched.sessionize(folder, warehouse, command).succeeds().out();
  }

  private List<String> sql(String statement, String format) throws Exception {
    Path file = Files.writeString(folder.resolve("statement.sql"), statement + ";\n");
    String warehouse = folder.resolve("warehouse").toString();
    return Launched.sessionize(
            folder,
            Map.of("ICEBERG_WAREHOUSE", warehouse),
            "sql",
            "-f",
            file.toString(),
            "--format",
            format)
        .succeeds()
        .out();
  }
}

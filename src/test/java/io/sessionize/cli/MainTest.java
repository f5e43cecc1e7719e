package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes and streams of command lines that start nothing. */
class MainTest extends CommandLineFixture {
  @TempDir private Path folder;

  static List<String> commands() {
    return Main.commands().stream().map(Command::name).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "RUN", "", "version", "-x", "--kafka-servers"})
  void anUnknownCommandIsRefusedWithTheListOfCommands(String word) {
    String known = String.join(", ", commands());
    assertRefused("Unknown command '" + word + "': use one of " + known + ".", word);
  }

  @Test
  void anUnknownOptionIsRefused() {
    assertRefused("Unrecognized option: --nope. See: sessionize run --help", "run", "--nope");
  }

  @Test
  void anUnknownWordIsRefused() {
    assertRefused("Unexpected word 'other_pipeline': it is neither", "run", "other_pipeline");
  }

  @Test
  void aCheckInContinuousModeIsRefused() {
    assertRefused("Give either --trigger or --check", "run", "--trigger", "10s", "--check");
    assertRefused(
        "Give either --trigger or --stop-after", "run", "--trigger", "10s", "--stop-after", "1h");
  }

  @Test
  void anOptionOfContinuousModeNeedsATrigger() {
    assertRefused("--max-wait is for a continuous run", "run", "--max-wait", "5m");
    assertRefused("--keep-tags is for a continuous run", "run", "--keep-tags", "5d");
  }

  @Test
  void aClockOfItsOwnInContinuousModeIsRefused() {
    assertRefused(
        "Give either --trigger or --run-time",
        "run",
        "--trigger",
        "10s",
        "--run-time",
        "2025-01-01T00:00:00Z");
  }

  @Test
  void aRunInTheFutureIsRefused() {
    assertRefused(
        "--run-time 2130-01-01T00:00:00Z is ahead of this machine's clock",
        "run",
        "--run-time",
        "2130-01-01T00:00:00Z",
        "--trigger",
        "10s");
  }

  @Test
  void aBadLogLevelIsRefused() {
    assertRefused(
        "--log-level must be one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'.",
        "run",
        "--log-level",
        "LOUD");
  }

  @Test
  void rulesThatContradictEachOtherAreRefused() {
    assertRefused(
        "The inactivity timeout PT3H is above the maximum session duration PT2H",
        "run",
        "user_sessionization_pipeline",
        "--inactivity-timeout",
        "180",
        "--max-session-duration",
        "2");
  }

  @Test
  void aMissingBoundaryRuleIsRefused() {
    assertRefused(
        "Boundary rule com.example.Nowhere (given, or recorded in the tables) is not on the class"
            + " path",
        "run",
        "--test-mode",
        "--boundary-rule",
        "com.example.Nowhere");
  }

  @Test
  void aWrongAuditIsRefused() {
    assertRefused("Give audit one of: log | diff | session ID | prove.", "audit");
    assertRefused(
        "one of: log | diff | session ID | prove (got 'yesterday').", "audit", "yesterday");
    assertRefused("Give --from, such as --from yesterday", "audit", "diff");
    assertRefused("Usage: sessionize audit session ID (got 'session').", "audit", "session");
    assertRefused("Usage: sessionize audit log (got 'log all').", "audit", "log", "all");
    assertRefused("'bob' is not the id of a session", "audit", "session", "bob");
    assertRefused("--from is not an option of audit log.", "audit", "log", "--from", "yesterday");
    assertRefused("--output rows.xls must end in", "status", "--output", "rows.xls");
    assertRefused("--csv-raw needs --format csv", "sql", "SELECT 1", "--csv-raw");
    assertRefused("--last is not an option of audit diff.", "audit", "diff", "--last", "2");
    assertRefused("--since is not an option of audit log.", "audit", "log", "--since", "24h");
    assertRefused(
        "Give one of --run, --last and --since.", "audit", "prove", "--last", "2", "--since", "1h");
    assertRefused("--format must be one of", "audit", "log", "--format", "xml");
  }

  @Test
  void aReportNeedsAFileInAnExistingFolder() {
    String nowhere = folder.resolve("nowhere/report.html").toString();
    assertRefused("Give the file of the page: --html FILE.", "report");
    assertRefused("--html " + nowhere + " cannot be written", "report", "--html", nowhere);
    assertRefused("cannot be written", "report", "--html", folder.toString());
    assertRefused("Give --funnel at least one page", "report", "--html", "r.html", "--funnel", ",");
  }

  @Test
  void anInvalidTopicIsRefused() {
    assertRefused("--kafka-topic must be up to 249 letters", "run", "--kafka-topic", "a,b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x'; DROP TABLE t; --",
        "`x`",
        "a.b",
        "../x",
        "${live}",
        "$(touch x)",
        "a\nb",
        "a?b",
        "*",
        "--",
        ""
      })
  void aNameThatIsMoreThanANameIsRefusedBeforeAnythingIsStarted(String name) {
    Path warehouse = folder.resolve("warehouse");
    assertRefused("--iceberg-database must be", "run", "--iceberg-database=" + name);
    assertRefused("--iceberg-table must be", "run", "--iceberg-table=" + name);
    assertRefused("--iceberg-database must be", "sql", "SELECT 1", "--iceberg-database=" + name);
    if (!name.isEmpty()) {
      assertRefused("Boundary rule", "run", "--boundary-rule=" + name);
    }
    assertRefused("--run-time must be", "run", "--run-time=" + name);
    if (!name.matches("[a-z.-]+")) {
      assertRefused("--kafka-topic must be", "run", "--kafka-topic=" + name);
      assertRefused("--topic must be", "produce", "--topic=" + name);
    }
    if (!name.equals("--")) {
      assertRefused(
          "spark.sql.defaultCatalog must consist of",
          "check",
          "--warehouse=" + warehouse,
          "--spark-conf=spark.sql.defaultCatalog=" + name,
          "--spark-conf=spark.sql.catalog." + name + "=org.apache.iceberg.spark.SparkCatalog");
    }
    assertFalse(Files.exists(warehouse));
  }

  static List<List<String>> commandsOnTables() {
    return List.of(
        List.of("status"),
        List.of("sql", "SELECT 1"),
        List.of("report", "--html", "report.html"),
        List.of("check"),
        List.of("audit", "log"),
        List.of("audit", "diff", "--from", "yesterday"),
        List.of("audit", "session", "a_session_1"),
        List.of("audit", "prove"),
        List.of("explain", "--user", "ann"),
        List.of("drop", "--yes", "--iceberg-table", "user_sessions"),
        List.of("maintain"),
        List.of("rejected"),
        List.of("rejected", "retry"),
        List.of("recompute"),
        List.of("backfill", "--from", "earliest", "--to", "latest"));
  }

  @ParameterizedTest
  @MethodSource("commandsOnTables")
  void aMistypedWarehouseIsRefusedAndNotCreated(List<String> command) throws IOException {
    Path missing = folder.resolve("warehuose");
    assertRefused("Warehouse " + missing + " is not a folder", on(missing, command));
    assertFalse(Files.exists(missing));

    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertRefused("Warehouse " + empty + " has no catalog.db", on(empty, command));
    try (Stream<Path> files = Files.list(empty)) {
      assertEquals(0, files.count());
    }
  }

  private static String[] on(Path warehouse, List<String> command) {
    return Stream.concat(
            command.stream(), Stream.of("--warehouse", warehouse.toAbsolutePath().toString()))
        .toArray(String[]::new);
  }

  @Test
  void tablesAreOnlyRemovedByNameAndAfterAsking() {
    assertRefused("Give the tables to remove: --iceberg-table NAME.", "drop", "--yes");
    assertRefused("there is no terminal: give --yes", "drop", "--iceberg-table", "user_sessions");
  }

  @Test
  void oneUserIsExplained() {
    assertRefused("Give one user: --user UUID.", "explain");
    assertRefused("Give one user: --user UUID.", "explain", "--user", "a", "--user", "b");
    assertRefused("--limit must be at most 100000", "explain", "--user", "a", "--limit", "100001");
  }

  @Test
  void aBranchIsKeptOfAWhatIfOnly() {
    assertRefused("--keep-branch needs --what-if", "recompute", "--keep-branch");
    assertRefused("--html needs --what-if", "recompute", "--html", "page.html");
    assertRefused("omit --html.", "recompute", "--columns-only", "--what-if", "--html", "p.html");
    assertRefused("omit --user.", "recompute", "--columns-only", "--user", "ann");
    assertRefused("omit --to-date.", "recompute", "--columns-only", "--to-date", "2026-03-01");
  }

  @Test
  void aNewTopicNeedsOffsetsAndOneRun() {
    assertRefused("--rebind-topic needs the offsets to begin at", "run", "--rebind-topic");
    assertRefused("only with --rebind-topic", "run", "--from", "earliest");
    assertRefused("only with --rebind-topic", "run", "--yes");
    assertRefused("Offsets must be given as", "run", "--rebind-topic", "--from", "yesterday");
    assertRefused(
        "--rebind-topic is for one run",
        "run",
        "--rebind-topic",
        "--from",
        "earliest",
        "--trigger",
        "10s");
  }

  @Test
  void aWarehouseWithAQuestionMarkIsRefused() {
    Path warehouse = folder.resolve("a?mode=memory");
    assertRefused("has a question mark in its name", "check", "--warehouse=" + warehouse);
    assertFalse(Files.exists(warehouse));
  }

  @Test
  void anUnreadableFileOfKafkaSettingsIsRefused() {
    Path missing = folder.resolve("kafka.properties");
    assertRefused(
        "--kafka-properties " + missing + " cannot be read",
        "run",
        "--kafka-properties",
        missing.toString());
  }

  @Test
  void sqlNeedsExactlyOneStatement() throws IOException {
    Path file = Files.writeString(folder.resolve("q.sql"), "SELECT 1");
    String message = "Give one statement, in quotes, or a file with --file.";
    assertRefused(message, "sql");
    assertRefused(message, "sql", "SELECT", "1");
    assertRefused(message, "sql", "SELECT 1", "-f", file.toString());
  }

  @Test
  void anUnreadableFileOfAStatementIsRefused() {
    assertRefused("cannot be read (NoSuchFileException)", "sql", "-f", folder + "/missing.sql");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\r\nb", "a\rb", "a\n\n  b"})
  void aLineBreakInAValueDoesNotBreakTheLine(String value) {
    assertRefused("not 'a", "run", "--iceberg-table", value);
    assertTrue(err().contains("b'."), err());
  }
}

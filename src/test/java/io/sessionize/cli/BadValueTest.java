package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A wrong value on the command line ends with exit code 2, also without a broker and tables: the
 * value is reported before any service is used.
 */
class BadValueTest {
  /** An address without a listener. */
  private static final String NO_BROKER = "127.0.0.1:1";

  private static final String NOWHERE = "/nowhere/at/all";

  /** Wrong values of each option that has any. */
  private static final Map<Opt, List<String>> BAD =
      Map.ofEntries(
          Map.entry(Opt.KAFKA_SERVERS, List.of("nonsense", "host:port")),
          Map.entry(Opt.KAFKA_TOPIC, List.of("a b", "..")),
          Map.entry(Opt.TOPIC, List.of("a/b")),
          Map.entry(Opt.DROP_TOPIC, List.of("a b", "")),
          Map.entry(Opt.KAFKA_PROPERTIES, List.of(NOWHERE)),
          Map.entry(Opt.ICEBERG_DATABASE, List.of("a.b", "x;y")),
          Map.entry(Opt.ICEBERG_TABLE, List.of("a-b", "", "user_sessions_open")),
          Map.entry(Opt.WAREHOUSE, List.of("s3://bucket/folder", "a?b")),
          Map.entry(Opt.INACTIVITY_TIMEOUT, List.of("soon", "-1", "0")),
          Map.entry(Opt.MAX_SESSION_DURATION, List.of("long", "0")),
          Map.entry(Opt.BOUNDARY_RULE, List.of("com.example.Missing")),
          Map.entry(Opt.DEFINITION, List.of(NOWHERE, "/tmp", "pom.xml")),
          Map.entry(Opt.WATERMARK_DELAY, List.of("x")),
          Map.entry(Opt.LATE_HORIZON, List.of("7 or so")),
          Map.entry(Opt.CLOCK_SKEW, List.of("-5")),
          Map.entry(Opt.MAX_OFFSETS_PER_TRIGGER, List.of("0", "many")),
          Map.entry(Opt.MAX_BYTES_PER_TRIGGER, List.of("0", "4g")),
          Map.entry(Opt.FAIL_ON_DATA_LOSS, List.of("maybe")),
          Map.entry(Opt.STOP_AFTER, List.of("soon", "-1m")),
          Map.entry(Opt.MAINTAIN_EVERY, List.of("often")),
          Map.entry(Opt.KEEP_HISTORY, List.of("-1h")),
          Map.entry(Opt.MAX_WAIT, List.of("long")),
          Map.entry(Opt.TRIGGER, List.of("0", "often")),
          Map.entry(Opt.RUN_TIME, List.of("yesterday")),
          Map.entry(Opt.SET_ASIDE_USERS, List.of(NOWHERE, "/tmp")),
          Map.entry(Opt.USERS_FILE, List.of(NOWHERE, "/tmp")),
          Map.entry(Opt.FROM_TIME, List.of("10:00")),
          Map.entry(Opt.TO_TIME, List.of("2026-11-22")),
          Map.entry(Opt.FROM_DATE, List.of("22.11.2026")),
          Map.entry(Opt.TO_DATE, List.of("today")),
          Map.entry(Opt.KEEP_SNAPSHOTS, List.of("x")),
          Map.entry(Opt.KEEP_TAGS, List.of("x")),
          Map.entry(Opt.LAST, List.of("0")),
          Map.entry(Opt.SINCE, List.of("yesterday")),
          Map.entry(Opt.REASON, List.of("", "broken")),
          Map.entry(Opt.SAMPLES, List.of("0", "all")),
          Map.entry(Opt.MAX_REJECTED, List.of("5", "101%", "-1%", "x%", "%")),
          Map.entry(Opt.REPORT, List.of(NOWHERE + "/report.json")),
          Map.entry(Opt.METRICS_FILE, List.of(NOWHERE + "/metrics.prom")),
          Map.entry(Opt.MAX_LAG, List.of("0", "much")),
          Map.entry(Opt.MAX_BEHIND, List.of("yesterday")),
          Map.entry(Opt.HTML, List.of(NOWHERE + "/page.html")),
          Map.entry(Opt.FUNNEL, List.of(",")),
          Map.entry(Opt.FORMAT, List.of("xml")),
          Map.entry(Opt.LIMIT, List.of("0", "1000001")),
          Map.entry(Opt.OUTPUT, List.of("rows.xls", NOWHERE + "/rows.csv")),
          Map.entry(Opt.PARAM, List.of("no-equals-sign")),
          Map.entry(Opt.FILE, List.of(NOWHERE)),
          Map.entry(Opt.PARTITIONS, List.of("0", "1000000")),
          Map.entry(Opt.NUM_USERS, List.of("0")),
          Map.entry(Opt.RATE, List.of("fast")),
          Map.entry(Opt.DURATION, List.of("0", "x")),
          Map.entry(Opt.FROM_FILE, List.of(NOWHERE)),
          Map.entry(Opt.SEED, List.of("x")),
          Map.entry(Opt.SPARK_CONF, List.of("no-equals-sign")),
          Map.entry(Opt.SPARK_PROPERTIES, List.of(NOWHERE)),
          Map.entry(Opt.LOG_LEVEL, List.of("LOUD")));

  /** Options for which the command line accepts any text, or which need other options to check. */
  private static final List<Opt> ANY_TEXT =
      List.of(
          Opt.CHECKPOINT_LOCATION, Opt.END_SESSION_ON_PAGE, Opt.USER, Opt.RUN, Opt.FROM, Opt.TO);

  @TempDir private Path folder;

  @BeforeAll
  static void startSpark() {
    TestSpark.session();
  }

  static Stream<Arguments> everyOptionOfEveryCommand() {
    List<Arguments> all = new ArrayList<>();
    for (Command command : Main.commands()) {
      for (Opt opt : command.options()) {
        if (opt.argument() != null && !ANY_TEXT.contains(opt)) {
          assertTrue(BAD.containsKey(opt), "Add a wrong value of --" + opt.longName());
          BAD.get(opt).stream()
              .filter(value -> !dependsOnTables(command, value))
              .forEach(value -> all.add(Arguments.of(command, opt, value)));
        }
      }
    }
    return all.stream();
  }

  /**
   * Returns whether the value is wrong only together with recorded rules: a class, which these
   * commands load only if the tables record it.
   */
  private static boolean dependsOnTables(Command command, String value) {
    return List.of("check", "audit").contains(command.name())
        && value.equals("com.example.Missing");
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("everyOptionOfEveryCommand")
  void aWrongValueIsAnErrorOfUsage(Command command, Opt opt, String value) {
    List<String> line = new ArrayList<>(needed(command, opt));
    line.addAll(List.of("--" + opt.longName(), value));
    assertUsage(line);
  }

  static Stream<List<String>> ranges() {
    return Stream.of(
        List.of(),
        List.of("--from", "0:10"),
        List.of("--from", "0:10", "--from-time", "2026-11-22T10:00:00Z", "--to", "latest"),
        List.of("--from", "0:10", "--to", "0:5"),
        List.of("--from", "0:10", "--to", "1:20"),
        List.of("--kafka-topic", "web", "--from", "other:0:10", "--to", "other:0:20"),
        List.of("--from", "nonsense", "--to", "latest"),
        List.of("--from", "earliest", "--to", "0:1,0:2"),
        List.of("--from", "{\"clickstream-events\":{\"0\":-3}}", "--to", "latest"),
        List.of("--kafka-topic", "web", "--from", "{\"another\":{\"0\":1}}", "--to", "latest"),
        List.of("--from", "{", "--to", "latest"),
        List.of("--from-time", "2026-11-22T10:00:00Z", "--to-time", "2026-11-22T09:00:00Z"));
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void aWrongRangeIsAnErrorOfUsage(List<String> range) {
    List<String> line = new ArrayList<>(List.of("backfill", "--kafka-servers", NO_BROKER));
    line.addAll(range);
    assertUsage(line);
  }

  private void assertUsage(List<String> line) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            line.toArray(String[]::new),
            new PrintStream(new ByteArrayOutputStream()),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    String message = err.toString(StandardCharsets.UTF_8);
    // A command that starts Spark gets this session, and stops it at its end.
    assertFalse(TestSpark.session().sparkContext().isStopped(), () -> "Spark was used: " + line);
    assertEquals(Failure.Kind.USAGE.exitCode(), exitCode, message);
    assertEquals(1, message.lines().count(), message);
  }

  /** Returns a correct command line without the option in question. */
  private List<String> needed(Command command, Opt bad) {
    List<String> line = new ArrayList<>(List.of(command.name()));
    switch (command.name()) {
      case "backfill" -> {
        if (bad != Opt.FROM_TIME) {
          line.addAll(List.of("--from", "0:1"));
        }
        if (bad != Opt.TO_TIME) {
          line.addAll(List.of("--to", "0:2"));
        }
      }
      case "audit" -> line.add(AuditLine.of(bad));
      case "report" -> {
        if (bad != Opt.HTML) {
          line.addAll(List.of("--html", folder.resolve("page.html").toString()));
        }
      }
      case "sql" -> {
        if (bad != Opt.FILE) {
          line.add("SELECT 1");
        }
      }
      default -> {}
    }
    if (command.options().contains(Opt.KAFKA_SERVERS) && bad != Opt.KAFKA_SERVERS) {
      line.addAll(List.of("--kafka-servers", NO_BROKER));
    }
    if (command.options().contains(Opt.WAREHOUSE) && bad != Opt.WAREHOUSE) {
      line.addAll(List.of("--warehouse", folder.toString()));
    }
    return line;
  }

  /** Finds the audit subcommand that takes an option. */
  private static final class AuditLine {
    static String of(Opt opt) {
      boolean ofProve =
          opt.name().startsWith("KAFKA")
              || List.of(
                      Opt.LAST, Opt.INACTIVITY_TIMEOUT, Opt.MAX_SESSION_DURATION, Opt.BOUNDARY_RULE)
                  .contains(opt);
      return ofProve ? "prove" : "log";
    }
  }
}

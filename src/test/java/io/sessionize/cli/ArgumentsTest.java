package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

  @Test
  void withoutOptionsTheDefaultsHold() {
    Arguments arguments = run();
    assertEquals("localhost:9092", arguments.text(Opt.KAFKA_SERVERS));
    assertEquals(Duration.ofMinutes(10), arguments.duration(Opt.WATERMARK_DELAY));
    assertNull(arguments.duration(Opt.INACTIVITY_TIMEOUT));
    assertNull(arguments.duration(Opt.LATE_HORIZON));
    assertEquals("user_sessions", arguments.name(Opt.ICEBERG_TABLE));
    assertEquals("INFO", arguments.choice(Opt.LOG_LEVEL));
    assertFalse(arguments.has(Opt.TEST_MODE));
  }

  @Test
  void withoutADefaultThereIsNoValue() {
    Arguments arguments = run();
    assertNull(arguments.text(Opt.BOUNDARY_RULE));
    assertNull(arguments.number(Opt.MAX_OFFSETS_PER_TRIGGER));
    assertNull(arguments.duration(Opt.TRIGGER));
    assertNull(arguments.instant(Opt.RUN_TIME));
    assertEquals(List.of(), arguments.list(Opt.END_SESSION_ON_PAGE));
    assertEquals(Map.of(), arguments.pairs(Opt.SPARK_CONF));
  }

  @Test
  void theEnvironmentWinsOverTheDefaultAndTheCommandLineOverBoth() {
    Map<String, String> environment =
        Map.of("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092", "ICEBERG_WAREHOUSE", "/data");

    Arguments ofEnvironment = Arguments.parse(new RunCommand(), List.of(), environment::get);
    assertEquals("kafka:9092", ofEnvironment.text(Opt.KAFKA_SERVERS));
    assertEquals("/data", ofEnvironment.text(Opt.WAREHOUSE));

    Arguments ofLine =
        Arguments.parse(
            new RunCommand(), List.of("--kafka-servers", "other:9092"), environment::get);
    assertEquals("other:9092", ofLine.text(Opt.KAFKA_SERVERS));
    assertEquals("/data", ofLine.text(Opt.WAREHOUSE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void aBlankVariableCountsAsNotSet(String blank) {
    Arguments arguments =
        Arguments.parse(new RunCommand(), List.of(), Map.of("ICEBERG_WAREHOUSE", blank)::get);
    assertEquals("./warehouse", arguments.text(Opt.WAREHOUSE));
  }

  @Test
  void otherVariablesAreIgnored() {
    Arguments arguments =
        Arguments.parse(new RunCommand(), List.of(), Map.of("KAFKA_TOPIC", "other")::get);
    assertEquals("clickstream-events", arguments.text(Opt.KAFKA_TOPIC));
  }

  @Test
  void numbersAreWholeAndAtLeastOne() {
    assertEquals(1L, run("--max-offsets-per-trigger", "1").number(Opt.MAX_OFFSETS_PER_TRIGGER));
    for (String text : new String[] {"0", "-1", "", "1.5", "1k", "9223372036854775808"}) {
      assertUsage(
          () -> run("--max-offsets-per-trigger", text).number(Opt.MAX_OFFSETS_PER_TRIGGER),
          "--max-offsets-per-trigger must be a whole number of at least 1, not '" + text + "'.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "user_sessions", "Sessions_2026", "_", "9"})
  void aNameIsOfLettersDigitsAndUnderscores(String name) {
    assertEquals(name, run("--iceberg-table", name).name(Opt.ICEBERG_TABLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a.b", "a-b", "a`b", "a;b", "ä", "a\n", "a/../b"})
  void anyOtherNameIsRefused(String name) {
    assertUsage(
        () -> run("--iceberg-table", name).name(Opt.ICEBERG_TABLE),
        "--iceberg-table must be a name of letters, digits and underscores, not '" + name + "'.");
  }

  @Test
  void aTopicHasANameThatKafkaAccepts() {
    String longest = "t".repeat(249);
    for (String name : new String[] {"clicks", "Clicks.v2_new-eu", longest}) {
      assertEquals(name, run("--kafka-topic", name).topic(Opt.KAFKA_TOPIC));
    }
    for (String name :
        new String[] {"", ".", "..", "a b", "a,b", "a/b", "clicks*", longest + "t"}) {
      assertUsage(() -> run("--kafka-topic", name).topic(Opt.KAFKA_TOPIC), "--kafka-topic must be");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "jsonl", "csv"})
  void aChoiceIsOneOfItsWords(String format) {
    assertEquals(format, sql("--format", format).choice(Opt.FORMAT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "xml", "CSV", "table|csv"})
  void anyOtherChoiceIsRefused(String format) {
    assertUsage(
        () -> sql("--format", format).choice(Opt.FORMAT),
        "--format must be one of table, json, jsonl, csv, not '" + format + "'.");
  }

  @Test
  void anInstantIsInIsoForm() {
    assertEquals(
        Instant.parse("2026-11-22T10:00:00Z"),
        run("--run-time", "2026-11-22T10:00:00Z").instant(Opt.RUN_TIME));
    for (String text :
        new String[] {
          "",
          "now",
          "2026-11-22",
          "2026-11-22T10:00",
          "1790875556200",
          "+1000000000-01-01T00:00:00Z"
        }) {
      assertUsage(
          () -> run("--run-time", text).instant(Opt.RUN_TIME),
          "--run-time must be an instant such as 2026-11-22T10:00:00Z, not '" + text + "'.");
    }
  }

  @Test
  void aListIsSeparatedByCommasAndItsBlankPartsAreIgnored() {
    assertEquals(
        List.of("logout", "order complete"),
        run("--end-session-on-page", " logout, ,order complete,").list(Opt.END_SESSION_ON_PAGE));
  }

  @Test
  void pairsMayBeGivenSeveralTimesAndTheirValuesMayHoldEqualSigns() {
    assertEquals(
        Map.of("a", "1", "b", "x=y", "c", ""),
        run(
                "--spark-conf",
                "a=0",
                "--spark-conf",
                "b=x=y",
                "--spark-conf",
                "c=",
                "--spark-conf",
                "a=1")
            .pairs(Opt.SPARK_CONF));
    for (String text : new String[] {"", "a", "=a"}) {
      assertUsage(
          () -> run("--spark-conf", text).pairs(Opt.SPARK_CONF),
          "--spark-conf must be KEY=VALUE, not '" + text + "'.");
    }
  }

  @Test
  void theLastValueOfAnOptionCounts() {
    // The options of a wrapper script can be overridden after them.
    assertEquals(
        Duration.ofMinutes(45),
        run("--inactivity-timeout", "30", "--inactivity-timeout", "45")
            .duration(Opt.INACTIVITY_TIMEOUT));
  }

  @Test
  void aValueMayFollowAnEqualSign() {
    assertEquals("a=b", run("--kafka-servers=a=b").text(Opt.KAFKA_SERVERS));
  }

  @Test
  void aShortNameIsTheSameOption() {
    assertEquals("q.sql", sql("-f", "q.sql").text(Opt.FILE));
    assertEquals("q.sql", sql("--file", "q.sql").text(Opt.FILE));
  }

  @ParameterizedTest
  @CsvSource({
    "--nope, Unrecognized option: --nope",
    "-x, Unrecognized option: -x",
    // Abbreviations are refused too: a new option would change their meaning.
    "--kafka-serv, Unrecognized option: --kafka-serv",
    "--test, Unrecognized option: --test",
    // Another command's option.
    "--num-users, Unrecognized option: --num-users",
    "--kafka-servers, Missing argument for option: kafka-servers"
  })
  void anUnknownOptionIsRefusedWithAHintAtHelp(String option, String message) {
    assertUsage(() -> run(option), message + ". See: sessionize run --help");
  }

  @Test
  void aFlagTakesNoValue() {
    assertTrue(run("--test-mode").has(Opt.TEST_MODE));
    assertUsage(() -> run("--test-mode=yes"), "--test-mode");
  }

  @Test
  void wordsBesideTheOptionsAreKeptInOrder() {
    Arguments arguments = run("one", "--verbose", "two", "--", "--three");
    assertEquals(List.of("one", "two", "--three"), arguments.words());
    arguments.expectWords(List.of("--three", "two", "one"));
    assertUsage(
        () -> arguments.expectWords(List.of("one")),
        "Unexpected word 'two': it is neither an option nor");
  }

  private static Arguments run(String... words) {
    return Arguments.parse(new RunCommand(), List.of(words), name -> null);
  }

  private static Arguments sql(String... words) {
    return Arguments.parse(new SqlCommand(), List.of(words), name -> null);
  }

  private static void assertUsage(Executable refused, String part) {
    Failure failure = assertThrows(Failure.class, refused);
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }
}

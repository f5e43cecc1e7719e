package io.sessionize.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RunSummaryTest {
  private static final long SESSIONS_SNAPSHOT = 4_711;
  private static final Offsets READ = Offsets.of("web", Map.of(0, 250L, 1, 17L, 11, 3L));

  private static final Progress PROGRESS =
      new Progress(
          Map.of("web", "q0Xk7cVqSx2n"),
          Offsets.of("web", Map.of(0, 100L, 1, 0L)),
          READ,
          READ.orElse(Offsets.of("web", Map.of(12, 0L))),
          new OffsetRange(Offsets.of("web", Map.of(1, 0L)), Offsets.of("web", Map.of(1, 5L))),
          new Watermark(
              1_772_359_200_000L,
              Map.of(
                  new Partition("web", 0), 1_772_359_800_000L,
                  new Partition("web", 11), 1_772_359_700_000L),
              1_772_359_801_500L,
              1_772_363_401_500L),
          2,
          Optional.of(1_772_359_000_000L),
          Set.of(17L, 4_242L),
          ColumnProgress.complete(2).through(3, LocalDate.parse("2026-02-27")));

  /** As the staging table has it, with all that there may be. */
  private static final RunSummary SUMMARY =
      new RunSummary(
          new Origin(
              "0.1.0",
              Optional.of("0b3c"),
              3,
              new Work(
                  Command.RECOMPUTE,
                  Optional.of(7),
                  Optional.of(LocalDate.parse("2026-03-01")),
                  Optional.of(LocalDate.parse("2026-03-02")))),
          Optional.of(
              new Settings(
                  1_771_754_300_000L,
                  600_000,
                  Optional.of(604_800_000L),
                  "9f3a",
                  SetAside.parse("salt:0a,1b"),
                  Optional.of("3:77ee"))),
          Optional.of(1_772_355_600_000L),
          Optional.of(1_772_359_200_000L),
          Rules.DEFAULT.text(),
          Optional.of(4_712L),
          Optional.of(SESSIONS_SNAPSHOT),
          Map.of("records", 153L, "events", 150L),
          Optional.of(PROGRESS));

  /** The keys of what may be unknown, or may not exist. */
  private static final Set<String> MAY_BE_ABSENT =
      Set.of(
          "sessionize.run",
          "sessionize.work-users",
          "sessionize.work-from",
          "sessionize.work-to",
          "sessionize.late-horizon-ms",
          "sessionize.set-aside",
          "sessionize.watermark-before-ms",
          "sessionize.watermark-ms",
          "sessionize.open-snapshot",
          "sessionize.newest-record-ms",
          "sessionize.record-ahead-ms",
          "sessionize.oldest-open-end-ms",
          "sessionize.session-columns",
          "sessionize.columns-complete",
          "sessionize.columns-through",
          "sessionize.retries");

  /** Without them a group of keys is absent: the settings, the progress, what was lost. */
  private static final Set<String> GROUPS =
      Set.of("sessionize.clock-ms", "sessionize.topics", "sessionize.offsets-lost-from");

  private static final String BELONGS_TO = "sessionize.sessions-snapshot";

  private static Map<String, String> properties() {
    return new HashMap<>(SUMMARY.toProperties(SESSIONS_SNAPSHOT));
  }

  @Test
  void everyKeyIsExplainedInTheDocs() throws IOException {
    Set<String> explained = new TreeSet<>();
    Matcher row =
        Pattern.compile("^\\| `(sessionize\\.[a-z-]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("docs/audits.md")));
    while (row.find()) {
      explained.add(row.group(1));
    }
    assertEquals(new TreeSet<>(properties().keySet()), explained);
  }

  static Set<String> required() {
    Set<String> keys = new TreeSet<>(properties().keySet());
    keys.removeAll(MAY_BE_ABSENT);
    keys.removeAll(GROUPS);
    keys.remove(BELONGS_TO);
    return keys;
  }

  static Set<String> mayBeAbsent() {
    return new TreeSet<>(MAY_BE_ABSENT);
  }

  @Test
  void inTheStagingTableItIsReadBackAsItWasWritten() {
    assertEquals(SUMMARY, RunSummary.ofProperties(properties()));
  }

  @Test
  void inTheOtherTablesItIsReadBackWithoutTheProgress() {
    RunSummary read = RunSummary.ofProperties(SUMMARY.toProperties());
    assertEquals(Optional.empty(), read.progress());
    assertEquals(Optional.empty(), read.sessionsSnapshot());
    assertEquals(SUMMARY.origin(), read.origin());
    assertEquals(SUMMARY.settings(), read.settings());
    assertEquals(SUMMARY.watermarkMs(), read.watermarkMs());
    assertEquals(SUMMARY.toProperties(), read.toProperties());
    assertTrue(read.isOfSameBatch(SUMMARY));
  }

  @Test
  void theStagingTableSaysAllThatTheOthersSay() {
    Map<String, String> inBoth = properties();
    inBoth.keySet().retainAll(SUMMARY.toProperties().keySet());
    assertEquals(SUMMARY.toProperties(), inBoth);
  }

  @Test
  void whereTheProgressIsNeededAndNotThereThatIsTold() {
    RunSummary other = RunSummary.ofProperties(SUMMARY.toProperties());
    Failure failure = assertThrows(Failure.class, other::requireProgress);
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertEquals(
        "The staging table's snapshot summary lacks sessionize.topics.", failure.getMessage());
    assertThrows(Failure.class, () -> other.toProperties(SESSIONS_SNAPSHOT));
  }

  @Test
  void theFirstOneOfNewTablesIsReadBackAsItWasWritten() {
    RunSummary start = RunSummary.start("0.1.0", Map.of("web", "id"), Rules.DEFAULT);
    RunSummary read = RunSummary.ofProperties(start.toProperties(1));
    assertEquals(start.requireProgress(), read.requireProgress());
    assertEquals(start.toProperties(1), read.toProperties(1));
    assertEquals(Optional.empty(), read.run());
    assertEquals(Optional.empty(), read.settings());
    assertEquals(Optional.empty(), read.openSnapshot());
    assertEquals(Optional.of(1L), read.sessionsSnapshot());
    assertEquals(Map.of("web", "id"), read.requireProgress().topics());
    assertEquals(Watermark.START, read.requireProgress().watermark());
    assertEquals(OffsetRange.NONE, read.requireProgress().lost());
  }

  @Test
  void theFirstOneSaysNothingOfWhatThereIsNotYet() {
    RunSummary start = RunSummary.start("0.1.0", Map.of("web", "id"), Rules.DEFAULT);
    assertEquals(
        Map.of(
            "sessionize.version", "0.1.0",
            "sessionize.batch", "0",
            "sessionize.work", "run",
            "sessionize.rules", Rules.DEFAULT.text(),
            "sessionize.counts", "{}"),
        start.toProperties());
    Map<String, String> progress = new TreeMap<>(start.toProperties(1));
    progress.keySet().removeAll(start.toProperties().keySet());
    assertEquals(
        Map.of(
            "sessionize.sessions-snapshot", "1",
            "sessionize.topics", "{\"web\":\"id\"}",
            "sessionize.offsets-from", "{}",
            "sessionize.offsets-to", "{}",
            "sessionize.offsets-next", "{}",
            "sessionize.partition-times-ms", "{}",
            "sessionize.open-published", "0"),
        progress);
  }

  @ParameterizedTest
  @MethodSource("mayBeAbsent")
  void whatIsNotKnownOrDoesNotExistIsAbsent(String key) {
    Map<String, String> properties = properties();
    assertTrue(properties.remove(key) != null, key);
    RunSummary read = RunSummary.ofProperties(properties);
    assertEquals(properties, read.toProperties(SESSIONS_SNAPSHOT));
  }

  @Test
  void withoutARangeNothingIsLost() {
    Map<String, String> properties = properties();
    properties.remove("sessionize.offsets-lost-from");
    properties.remove("sessionize.offsets-lost-to");
    RunSummary read = RunSummary.ofProperties(properties);
    assertEquals(OffsetRange.NONE, read.requireProgress().lost());
    assertEquals(properties, read.toProperties(SESSIONS_SNAPSHOT));
  }

  @Test
  void withoutAClockThereAreNoSettings() {
    Map<String, String> properties = properties();
    for (String setting :
        Set.of(
            "clock-ms",
            "clock-skew-ms",
            "late-horizon-ms",
            "definition",
            "session-columns",
            "set-aside")) {
      properties.remove("sessionize." + setting);
    }
    RunSummary read = RunSummary.ofProperties(properties);
    assertEquals(Optional.empty(), read.settings());
    assertEquals(properties, read.toProperties(SESSIONS_SNAPSHOT));
  }

  @Test
  void aTimeThatIsNoneYetIsNotKnown() {
    assertEquals(Optional.empty(), RunSummary.known(Watermark.NONE));
    assertEquals(Optional.of(0L), RunSummary.known(0));
  }

  @Test
  void aCountThatIsNotRecordedIsZero() {
    assertEquals(153, SUMMARY.count("records"));
    assertEquals(0, SUMMARY.count("duplicates"));
  }

  @Test
  void aBatchIsItsRunAndItsNumber() {
    Map<String, String> next = properties();
    next.put("sessionize.batch", "4");
    assertFalse(SUMMARY.isOfSameBatch(RunSummary.ofProperties(next)));
    next.put("sessionize.batch", "3");
    assertTrue(SUMMARY.isOfSameBatch(RunSummary.ofProperties(next)));
    next.put("sessionize.run", "other");
    assertFalse(SUMMARY.isOfSameBatch(RunSummary.ofProperties(next)));
  }

  @Test
  void whatElseASnapshotSaysMeansNothing() {
    Map<String, String> snapshot = properties();
    snapshot.put("added-records", "7");
    snapshot.put("sessionize.from-a-later-version", "x");
    assertEquals(SUMMARY, RunSummary.ofProperties(snapshot));
  }

  @Test
  void inTheStagingTableItNamesTheOtherTablesSnapshot() {
    RunSummary read = RunSummary.ofProperties(SUMMARY.toProperties(Long.MAX_VALUE));
    assertEquals(Optional.of(Long.MAX_VALUE), read.sessionsSnapshot());
    Map<String, String> rest = new TreeMap<>(SUMMARY.toProperties(1));
    rest.put(BELONGS_TO, "4711");
    assertEquals(SUMMARY.toProperties(SESSIONS_SNAPSHOT), rest);
    assertFalse(SUMMARY.toProperties().containsKey(BELONGS_TO));
  }

  @Test
  void itsKeysAreOurs() {
    for (String key : properties().keySet()) {
      assertTrue(key.matches("sessionize\\.[a-z-]+"), key);
    }
  }

  @Test
  void offsetsStandByTopicInTheOrderOfTheirPartitions() {
    Map<String, String> properties = properties();
    assertEquals(
        "{\"web\":{\"0\":250,\"1\":17,\"11\":3,\"12\":0}}",
        properties.get("sessionize.offsets-next"));
    assertEquals("{\"web\":{\"1\":0}}", properties.get("sessionize.offsets-lost-from"));
    assertEquals("{\"web\":{\"1\":5}}", properties.get("sessionize.offsets-lost-to"));
    assertEquals(
        "{\"web\":{\"0\":1772359800000,\"11\":1772359700000}}",
        properties.get("sessionize.partition-times-ms"));
  }

  @Test
  void whatItWasForIsWrittenAsItIsTyped() {
    Map<String, String> properties = properties();
    assertEquals("recompute", properties.get("sessionize.work"));
    assertEquals("7", properties.get("sessionize.work-users"));
    assertEquals("2026-03-01", properties.get("sessionize.work-from"));
    assertEquals("2026-03-02", properties.get("sessionize.work-to"));
    assertEquals("recompute of 7 users from 2026-03-01 to 2026-03-02", SUMMARY.work().toString());
  }

  @Test
  void aRetryListsItsOwnSnapshotWithThoseBefore() {
    RunSummary retry =
        new RunSummary(
            new Origin("0.1.0", Optional.of("0b3c"), 1, Work.RETRY),
            SUMMARY.settings(),
            SUMMARY.watermarkBeforeMs(),
            SUMMARY.watermarkMs(),
            SUMMARY.rules(),
            SUMMARY.openSnapshot(),
            Optional.empty(),
            SUMMARY.counts(),
            SUMMARY.progress());
    assertEquals("17,4242,4711", retry.toProperties(4_711).get("sessionize.retries"));
    assertEquals(
        Set.of(17L, 4_242L, 4_711L),
        RunSummary.ofProperties(retry.toProperties(4_711)).requireProgress().retries());
  }

  @Test
  void aSnapshotWithoutItIsNotOurs() {
    assertTrue(RunSummary.isIn(SUMMARY.toProperties()));
    assertFalse(RunSummary.isIn(Map.of("added-records", "7")));
    assertFalse(RunSummary.isIn(Map.of()));
  }

  @ParameterizedTest
  @MethodSource("required")
  void aMissingKeyIsNamed(String key) {
    Map<String, String> properties = properties();
    properties.remove(key);
    assertBroken(properties, "The tables' snapshot summary lacks " + key + ".");
  }

  @ParameterizedTest
  @CsvSource({
    "batch, x",
    "work, dance",
    "work, ''",
    "work-users, x",
    "work-from, yesterday",
    "work-to, 2026-02-30",
    "watermark-ms, soon",
    "watermark-ms, ''",
    "watermark-ms, 1.5",
    "watermark-before-ms, 9223372036854775808",
    "clock-ms, x",
    "clock-skew-ms, x",
    "late-horizon-ms, x",
    "set-aside, x",
    "record-ahead-ms, x",
    "newest-record-ms, x",
    "open-snapshot, x",
    "sessions-snapshot, x",
    "open-published, x",
    "columns-complete, x",
    "columns-through, 2026-02-27",
    "columns-through, 3/x",
    "oldest-open-end-ms, x",
    "topics, web",
    "topics, null",
    "topics, {}",
    "offsets-next, '{\"web\":{\"0\":1.7}}'",
    "offsets-lost-to, '{\"web\":{\"7\":9}}'",
    "topics, '{\"web\":null}'",
    "offsets-from, ''",
    "offsets-from, x",
    "offsets-from, null",
    "offsets-from, '{\"0\":1}'",
    "offsets-next, '{\"web\":{\"zero\":1}}'",
    "offsets-next, '{\"web\":{\"0\":\"x\"}}'",
    "offsets-next, '{\"web\":{\"0\":null}}'",
    "offsets-next, '{\"web\":null}'",
    "offsets-next, '[1]'",
    "offsets-lost-from, x",
    "offsets-lost-to, x",
    "partition-times-ms, '{\"web\":{\"0\":'",
    "partition-times-ms, null",
    "partition-times-ms, '{\"web\":{\"0\":null}}'",
    "counts, 7",
    "counts, null",
    "counts, '{\"records\":null}'"
  })
  void anUnreadableValueIsToldWithItsKey(String key, String value) {
    Map<String, String> properties = properties();
    properties.put("sessionize." + key, value);
    assertBroken(
        properties, "The tables' snapshot summary holds sessionize." + key + "=" + value + ".");
  }

  private static void assertBroken(Map<String, String> properties, String message) {
    Failure failure = assertThrows(Failure.class, () -> RunSummary.ofProperties(properties));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertEquals(message, failure.getMessage());
  }
}

package io.sessionize.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final RunSummary SUMMARY =
      new RunSummary(
          "0.1.0",
          "0b3c",
          "run",
          "clickstream-events",
          "q0Xk7cVqSx2n",
          Map.of(0, 100L, 1, 0L),
          Map.of(0, 250L, 1, 17L, 11, 3L),
          Map.of(0, 250L, 1, 17L, 11, 3L),
          Map.of(1, List.of(0L, 5L)),
          1_771_754_300_000L,
          600_000,
          604_800_000L,
          new Watermark(
              1_772_359_200_000L,
              Map.of(0, 1_772_359_800_000L, 11, 1_772_359_700_000L),
              1_772_359_801_500L,
              1_772_363_401_500L),
          1_772_355_600_000L,
          Rules.DEFAULT.text(),
          4_711,
          4_712,
          2,
          1_772_359_000_000L,
          Map.of("records", 153L, "events", 150L));

  private static final Set<String> LATER =
      Set.of(
          "sessionize.run",
          "sessionize.offsets-lost",
          "sessionize.offsets-to",
          "sessionize.late-horizon-ms",
          "sessionize.clock-ms",
          "sessionize.clock-skew-ms",
          "sessionize.record-ahead-ms",
          "sessionize.open-snapshot");

  @Test
  void everyKeyIsExplainedInTheDocs() throws IOException {
    Set<String> explained = new TreeSet<>();
    Matcher row =
        Pattern.compile("^\\| `(sessionize\\.[a-z-]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("docs/audits.md")));
    while (row.find()) {
      explained.add(row.group(1));
    }
    assertEquals(SUMMARY.toProperties().keySet(), explained);
  }

  static Set<String> keys() {
    Set<String> keys = new TreeSet<>(SUMMARY.toProperties().keySet());
    keys.removeAll(LATER);
    return keys;
  }

  @Test
  void anOlderOneHasLostNothingAndReadUpToWhereTheNextBegins() {
    Map<String, String> older = new HashMap<>(SUMMARY.toProperties());
    older.keySet().removeAll(LATER);
    RunSummary read = RunSummary.ofProperties(older);
    assertEquals(Map.of(), read.lost());
    assertEquals(SUMMARY.next(), read.to());
    assertEquals(0, read.openSnapshot());
    assertEquals("", read.run());
  }

  @Test
  void itIsReadBackAsItWasWritten() {
    assertEquals(SUMMARY, RunSummary.ofProperties(SUMMARY.toProperties()));
  }

  @Test
  void theFirstOneOfNewTablesIsReadBackAsItWasWritten() {
    RunSummary start = RunSummary.start("0.1.0", "run", "clicks", "id", Rules.DEFAULT);
    assertEquals(start, RunSummary.ofProperties(start.toProperties()));
    assertEquals(Watermark.START, start.watermark());
    assertEquals(Long.MAX_VALUE, start.oldestOpenEndMs());
  }

  @Test
  void whatElseASnapshotSaysMeansNothing() {
    Map<String, String> snapshot = new HashMap<>(SUMMARY.toProperties());
    snapshot.put("added-records", "7");
    snapshot.put("sessionize.from-a-later-version", "x");
    assertEquals(SUMMARY, RunSummary.ofProperties(snapshot));
  }

  @Test
  void inTheStagingTableItNamesTheOtherTablesSnapshot() {
    RunSummary read = RunSummary.ofProperties(SUMMARY.belongingTo(Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, read.sessionsSnapshot());
    Map<String, String> rest = new TreeMap<>(SUMMARY.belongingTo(1));
    rest.put("sessionize.sessions-snapshot", "4711");
    assertEquals(SUMMARY.toProperties(), rest);
  }

  @Test
  void itsKeysAreOurs() {
    for (String key : SUMMARY.toProperties().keySet()) {
      assertTrue(key.matches("sessionize\\.[a-z-]+"), key);
    }
  }

  @Test
  void offsetsStandInTheOrderOfTheirPartitions() {
    assertEquals(
        "{\"0\":250,\"1\":17,\"11\":3}", SUMMARY.toProperties().get("sessionize.offsets-next"));
  }

  @Test
  void aSnapshotWithoutItIsNotOurs() {
    assertTrue(RunSummary.isIn(SUMMARY.toProperties()));
    assertFalse(RunSummary.isIn(Map.of("added-records", "7")));
    assertFalse(RunSummary.isIn(Map.of()));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void aMissingKeyIsNamed(String key) {
    Map<String, String> properties = new HashMap<>(SUMMARY.toProperties());
    properties.remove(key);
    assertBroken(properties, "The tables' snapshot summary lacks " + key + ".");
  }

  @ParameterizedTest
  @CsvSource({
    "watermark-ms, soon",
    "watermark-ms, ''",
    "watermark-ms, 1.5",
    "watermark-before-ms, 9223372036854775808",
    "clock-ms, x",
    "late-horizon-ms, x",
    "record-ahead-ms, x",
    "newest-record-ms, x",
    "sessions-snapshot, x",
    "open-published, x",
    "oldest-open-end-ms, x",
    "offsets-from, ''",
    "offsets-from, x",
    "offsets-from, null",
    "offsets-next, '{\"zero\":1}'",
    "offsets-next, '{\"0\":\"x\"}'",
    "offsets-next, '{\"0\":null}'",
    "offsets-next, '[1]'",
    "partition-times-ms, '{\"0\":'",
    "partition-times-ms, null",
    "partition-times-ms, '{\"0\":null}'",
    "counts, 7",
    "counts, null"
  })
  void anUnreadableValueIsToldWithItsKey(String key, String value) {
    Map<String, String> properties = new HashMap<>(SUMMARY.toProperties());
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

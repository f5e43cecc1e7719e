package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetSpecifierTest {
  private static final KafkaTopics TOPIC =
      new KafkaTopics(
          "clicks",
          "id",
          Offsets.of("clicks", Map.of(0, 100L, 1, 0L)),
          Offsets.of("clicks", Map.of(0, 500L, 1, 90L)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A bare partition is the job's topic's.
        "0:100,1:50                        | clicks:0:100,clicks:1:50",
        "1:50                              | clicks:1:50",
        "clicks:0:100,clicks:1:50          | clicks:0:100,clicks:1:50",
        "clicks:1:50,0:100                 | clicks:0:100,clicks:1:50",
        "earliest                          | clicks:0:100,clicks:1:0",
        "latest                            | clicks:0:500,clicks:1:90",
        "{\"clicks\":{\"0\":120,\"1\":50}}   | clicks:0:120,clicks:1:50",
        "{\"clicks\":{\"0\":-2,\"1\":-1}}    | clicks:0:100,clicks:1:90"
      })
  void offsetsAreReadInEachForm(String text, String expected) {
    assertEquals(expected, OffsetSpecifier.resolve(text, TOPIC).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0:",
        "0:-1",
        "0:1,",
        "0:1;1:2",
        "0:1,0:2",
        "a:1",
        "0:1,clicks:0:2",
        "clicks:0",
        "clicks:a:1",
        ":0:1",
        "cli cks:0:1",
        "other:0:1",
        "clicks:0:1,other:0:1",
        "0:99999999999999999999",
        "newest",
        "{\"clicks\":{\"0\":-3}}",
        "{\"clicks\":{\"7\":-1}}",
        "{\"other\":{\"0\":1}}",
        "{\"clicks\":{\"0\":1},\"other\":{\"0\":1}}",
        "{\"clicks\":{}}",
        "{\"clicks\"",
        "{}"
      })
  void whatIsNoneIsRefused(String text) {
    Failure failure = assertThrows(Failure.class, () -> OffsetSpecifier.resolve(text, TOPIC));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"other:0:1", "0:1,other:1:2", "{\"other\":{\"0\":1}}"})
  void aTopicThatTheJobDoesNotReadIsNamed(String text) {
    String message = "Offsets '" + text + "' name topic other, but the job reads clicks.";
    for (Executable reading :
        List.<Executable>of(
            () -> OffsetSpecifier.resolve(text, TOPIC),
            () -> OffsetSpecifier.named(text, Set.of("clicks"), true))) {
      Failure failure = assertThrows(Failure.class, reading);
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertEquals(message, failure.getMessage());
    }
  }

  @Test
  void aTopicsNameMayHaveDotsDashesAndDigits() {
    assertEquals("web.clicks_v-2:0:7", named("web.clicks_v-2:0:7", "web.clicks_v-2").toString());
    assertEquals("7:0:1", named("7:0:1", "7").toString());
    assertEquals("7:0:1", named("0:1", "7").toString());
  }

  private static Offsets named(String text, String topic) {
    return OffsetSpecifier.named(text, Set.of(topic), true).orElseThrow();
  }

  @Test
  void severalTopicsAreNamed() {
    KafkaTopics topics =
        new KafkaTopics(
            new TreeMap<>(Map.of("clicks", "id", "taps", "other")),
            Offsets.of("clicks", Map.of(0, 100L)).orElse(Offsets.of("taps", Map.of(0, 3L))),
            Offsets.of("clicks", Map.of(0, 500L)).orElse(Offsets.of("taps", Map.of(0, 9L))));
    assertEquals(
        "clicks:0:200,taps:0:5",
        OffsetSpecifier.resolve("clicks:0:200,taps:0:5", topics).toString());
    assertEquals(
        "clicks:0:100,taps:0:9",
        OffsetSpecifier.resolve("{\"clicks\":{\"0\":-2},\"taps\":{\"0\":-1}}", topics).toString());
    assertEquals("clicks:0:100,taps:0:3", OffsetSpecifier.resolve("earliest", topics).toString());
    Failure failure =
        assertThrows(Failure.class, () -> OffsetSpecifier.resolve("clicks:0:200,0:5", topics));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertEquals(
        "Offsets 'clicks:0:200,0:5' do not name the topic, and the job reads several (clicks,"
            + " taps): write TOPIC:0:100.",
        failure.getMessage());
  }

  @Test
  void namesAreNotCheckedWhileTheTablesMayRecordOthers() {
    assertEquals(
        "other:0:1",
        OffsetSpecifier.named("other:0:1", Set.of("clicks"), false).orElseThrow().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"earliest", "latest", "{\"clicks\":{\"0\":-2}}"})
  void whatKafkaAloneCanTellIsNotNamed(String text) {
    assertEquals(Optional.empty(), OffsetSpecifier.named(text, Set.of("clicks"), true));
  }

  @Test
  void bothEndsOfARangeNameTheSamePartitionsInTheirOrder() {
    assertUsage("0:100", "1:200", "both must name the same");
    assertUsage("0:100,1:50", "0:100,1:49", "ends at offset 49, before it begins at 50");
    assertEquals(
        "clicks:0:[100,200) clicks:1:[50,90)", range("0:100,1:50", "0:200,1:90").toString());
  }

  @Test
  void aRangeMustBeHeldByKafka() {
    TOPIC.requireHolds(range("0:100", "0:500"));
    TOPIC.requireHolds(range("0:7", "0:7"));
    assertNotHeld("0:90", "0:95", Failure.Kind.BROKEN, "[90, 95) of partition 0");
    assertNotHeld("0:90", "0:200", Failure.Kind.BROKEN, "[90, 100) of partition 0");
    assertNotHeld("1:0", "1:91", Failure.Kind.USAGE, "does not reach offset 91 yet");
    assertNotHeld("2:0", "2:1", Failure.Kind.USAGE, "has no partition 2");
  }

  @Test
  void partitionsThatARangeDoesNotNameHaveNothingToRead() {
    assertEquals(
        "clicks:0:[100,100) clicks:1:[50,90)",
        TOPIC.withAllPartitions(range("1:50", "1:90")).toString());
  }

  private static OffsetRange range(String from, String to) {
    return new OffsetRange(
        OffsetSpecifier.resolve(from, TOPIC), OffsetSpecifier.resolve(to, TOPIC));
  }

  private static void assertUsage(String from, String to, String message) {
    Failure failure = assertThrows(Failure.class, () -> range(from, to));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  private static void assertNotHeld(String from, String to, Failure.Kind kind, String message) {
    Failure failure = assertThrows(Failure.class, () -> TOPIC.requireHolds(range(from, to)));
    assertEquals(kind, failure.kind());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
    assertTrue(
        failure.getMessage().contains("holds clicks:0:[100,500) clicks:1:[0,90)"),
        failure.getMessage());
  }
}

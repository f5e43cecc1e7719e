package io.sessionize.offsets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetsTest {
  private static final Partition WEB_0 = new Partition("web", 0);
  private static final Offsets SOME = web(Map.of(0, 100L, 1, 50L));

  @Test
  void whereAPartitionIsNotNamedTheOthersStandIn() {
    assertEquals(
        web(Map.of(0, 100L, 1, 50L, 2, 7L)), SOME.orElse(web(Map.of(0, 1L, 1, 999L, 2, 7L))));
    assertEquals(SOME, SOME.orElse(Offsets.NONE));
    assertEquals(SOME, Offsets.NONE.orElse(SOME));
  }

  @Test
  void ofBothTheGreaterCountsForEachPartition() {
    Offsets others = web(Map.of(0, 99L, 1, 51L, 2, 0L));
    Offsets greater = web(Map.of(0, 100L, 1, 51L, 2, 0L));
    assertEquals(greater, SOME.atLeast(others));
    assertEquals(greater, others.atLeast(SOME));
    assertEquals(SOME, SOME.atLeast(Offsets.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{}                          | false",
        "{'web':{'0':100}}           | false",
        "{'web':{'0':100,'1':50}}    | false",
        "{'web':{'0':99,'1':49}}     | false",
        "{'web':{'0':101,'1':50}}    | true",
        "{'web':{'0':1,'1':51}}      | true",
        // A partition that has not been read at all is behind at its first offset already.
        "{'web':{'0':100,'2':0}}     | true",
        "{'app':{'0':0}}             | true"
      })
  void theyAreBehindWhereTheOthersAreFurtherInAnyPartition(String others, boolean behind) {
    assertEquals(behind, SOME.isBehind(Offsets.ofJson(others.replace('\'', '"'))));
  }

  @Test
  void nothingIsBehindItself() {
    assertFalse(Offsets.NONE.isBehind(Offsets.NONE));
    assertFalse(SOME.isBehind(SOME));
    assertTrue(Offsets.NONE.isBehind(SOME));
  }

  @Test
  void sparksFormIsReadBackAsItWasWritten() {
    assertEquals("{\"web\":{\"0\":100,\"1\":50}}", SOME.json());
    assertEquals(SOME, Offsets.ofJson(SOME.json()));
    assertEquals("{}", Offsets.NONE.json());
    assertEquals(Offsets.NONE, Offsets.ofJson("{}"));
    assertEquals(Offsets.NONE, Offsets.ofJson("{\"web\":{}}"));
  }

  @Test
  void inSparksFormTopicsAndPartitionsAreSorted() {
    Offsets all = SOME.orElse(Offsets.of("app", Map.of(10, 3L, 2, 1L)));
    assertEquals("{\"app\":{\"2\":1,\"10\":3},\"web\":{\"0\":100,\"1\":50}}", all.json());
    assertEquals(all, Offsets.ofJson(all.json()));
  }

  @Test
  void aTopicsNameIsQuotedInSparksForm() {
    Offsets quoted = Offsets.of("a\"b", Map.of(0, 1L));
    assertEquals(quoted, Offsets.ofJson(quoted.json()));
  }

  @Test
  void partitionsOfTwoTopicsAreKeptApart() {
    Offsets all = Offsets.ofJson("{\"web\":{\"0\":100,\"1\":50},\"app\":{\"0\":7,\"3\":9}}");
    assertEquals(100, all.getOrDefault(new Partition("web", 0), -1));
    assertEquals(7, all.getOrDefault(new Partition("app", 0), -1));
    assertEquals(-1, all.getOrDefault(new Partition("web", 3), -1));
    assertEquals(SOME, all.ofTopics(Set.of("web")));
    assertEquals(Offsets.of("app", Map.of(0, 7L, 3, 9L)), all.ofTopics(Set.of("app")));
    assertTrue(all.ofTopics(Set.of("ap")).isEmpty());
    assertEquals(all, all.ofTopics(Set.of("app", "web")));
    assertEquals(Set.of("app", "web"), all.topics());
  }

  @Test
  void anOffsetMayBeLargerThanAnInt() {
    Offsets far = web(Map.of(0, Long.MAX_VALUE));
    assertEquals(far, Offsets.ofJson(far.json()));
  }

  @Test
  void thoseThatOthersNameTooAreKept() {
    assertEquals(web(Map.of(1, 50L)), SOME.only(web(Map.of(1, 0L, 2, 0L))));
    assertEquals(Offsets.NONE, SOME.only(Offsets.of("app", Map.of(0, 100L))));
  }

  @Test
  void howManyLieBetweenIsCountedInAllPartitionsThatAreNamed() {
    assertEquals(150, SOME.since(Offsets.NONE));
    assertEquals(15, SOME.since(web(Map.of(0, 90L, 1, 45L, 2, 7L))));
    assertEquals(150, SOME.since(Offsets.of("app", Map.of(0, 90L))));
  }

  @Test
  void whatKafkaHasDeletedFromHereOnIsLostUpToTheEndAlone() {
    Offsets earliest = web(Map.of(0, 120L, 1, 50L, 2, 9L));
    assertEquals(
        "web:0:[100,120)", SOME.lostBefore(earliest, web(Map.of(0, 130L, 1, 60L))).toString());
    assertEquals(
        "web:0:[100,110)", SOME.lostBefore(earliest, web(Map.of(0, 110L, 1, 60L))).toString());
    assertEquals(OffsetRange.NONE, SOME.lostBefore(SOME, web(Map.of(0, 130L, 1, 60L))));
    assertEquals(OffsetRange.NONE, SOME.lostBefore(earliest, SOME));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "null",
        "[]",
        "7",
        "{\"clicks\":7}",
        "{\"clicks\":null}",
        "{\"clicks\":{\"zero\":1}}",
        "{\"clicks\":{\"0\":\"x\"}}",
        "{\"clicks\":{\"0\":null}}",
        "{\"clicks\":{\"0\":1}"
      })
  void whatIsNotSparksFormIsToldWhole(String json) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Offsets.ofJson(json));
    assertEquals("Not numbers by topic and partition: " + json, e.getMessage());
  }

  @Test
  void forPeopleTheyStandInTheOrderOfTheirTopicsAndPartitions() {
    assertEquals("web:0:100,web:1:50", SOME.toString());
    Offsets app = Offsets.of("app", Map.of(10, 3L, 2, 1L));
    assertEquals("app:2:1,app:10:3,web:0:100,web:1:50", SOME.orElse(app).toString());
    assertEquals("", Offsets.NONE.toString());
  }

  @Test
  void theyAreAValueThatNobodyCanChange() {
    Map<Partition, Long> next = new HashMap<>(Map.of(WEB_0, 1L));
    Offsets offsets = new Offsets(next);
    next.put(WEB_0, 2L);
    assertEquals(web(Map.of(0, 1L)), offsets);
    assertThrows(UnsupportedOperationException.class, () -> offsets.next().put(WEB_0, 3L));
  }

  private static Offsets web(Map<Integer, Long> next) {
    return Offsets.of("web", next);
  }
}

package io.sessionize.offsets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetsTest {
  private static final Offsets SOME = new Offsets(Map.of(0, 100L, 1, 50L));

  @Test
  void whereAPartitionIsNotNamedTheOthersStandIn() {
    assertEquals(
        new Offsets(Map.of(0, 100L, 1, 50L, 2, 7L)),
        SOME.orElse(new Offsets(Map.of(0, 1L, 1, 999L, 2, 7L))));
    assertEquals(SOME, SOME.orElse(Offsets.NONE));
    assertEquals(SOME, Offsets.NONE.orElse(SOME));
  }

  @Test
  void ofBothTheGreaterCountsForEachPartition() {
    Offsets others = new Offsets(Map.of(0, 99L, 1, 51L, 2, 0L));
    Offsets greater = new Offsets(Map.of(0, 100L, 1, 51L, 2, 0L));
    assertEquals(greater, SOME.atLeast(others));
    assertEquals(greater, others.atLeast(SOME));
    assertEquals(SOME, SOME.atLeast(Offsets.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}              | false",
        "{0=100}         | false",
        "{0=100, 1=50}   | false",
        "{0=99, 1=49}    | false",
        "{0=101, 1=50}   | true",
        "{0=1, 1=51}     | true",
        // A partition that has not been read at all is behind at its first offset already.
        "{0=100, 2=0}    | true"
      })
  void theyAreBehindWhereTheOthersAreFurtherInAnyPartition(String others, boolean behind) {
    assertEquals(behind, SOME.isBehind(offsets(others)));
  }

  @Test
  void nothingIsBehindItself() {
    assertFalse(Offsets.NONE.isBehind(Offsets.NONE));
    assertFalse(SOME.isBehind(SOME));
    assertTrue(Offsets.NONE.isBehind(SOME));
  }

  @Test
  void sparksFormIsReadBackAsItWasWritten() {
    String json = SOME.sparkJson("clicks");
    assertEquals("{\"clicks\":{\"0\":100,\"1\":50}}", json);
    assertEquals(SOME, Offsets.ofSparkJson(json, "clicks"));
    assertEquals("{\"clicks\":{}}", Offsets.NONE.sparkJson("clicks"));
  }

  @Test
  void aTopicsNameIsQuotedInSparksForm() {
    assertEquals(SOME, Offsets.ofSparkJson(SOME.sparkJson("a\"b"), "a\"b"));
  }

  @Test
  void otherTopicsAreLeftOut() {
    String json = "{\"clicks\":{\"0\":100},\"views\":{\"0\":7,\"3\":9}}";
    assertEquals(new Offsets(Map.of(0, 100L)), Offsets.ofSparkJson(json, "clicks"));
    assertEquals(Offsets.NONE, Offsets.ofSparkJson(json, "bookings"));
  }

  @Test
  void anOffsetMayBeLargerThanAnInt() {
    Offsets far = new Offsets(Map.of(0, Long.MAX_VALUE));
    assertEquals(far, Offsets.ofSparkJson(far.sparkJson("clicks"), "clicks"));
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
        assertThrows(IllegalArgumentException.class, () -> Offsets.ofSparkJson(json, "clicks"));
    assertEquals("Not Spark's form of Kafka offsets: " + json, e.getMessage());
  }

  @Test
  void forPeopleTheyStandInTheOrderOfTheirPartitions() {
    assertEquals("0:100,1:50", SOME.toString());
    assertEquals("2:1,10:3", new Offsets(Map.of(10, 3L, 2, 1L)).toString());
    assertEquals("", Offsets.NONE.toString());
  }

  @Test
  void theyAreAValueThatNobodyCanChange() {
    Map<Integer, Long> next = new HashMap<>(Map.of(0, 1L));
    Offsets offsets = new Offsets(next);
    next.put(0, 2L);
    assertEquals(new Offsets(Map.of(0, 1L)), offsets);
    assertThrows(UnsupportedOperationException.class, () -> offsets.next().put(0, 3L));
  }

  private static Offsets offsets(String text) {
    Map<Integer, Long> next = new HashMap<>();
    for (String part : text.replaceAll("[{} ]", "").split(",")) {
      if (!part.isEmpty()) {
        String[] pair = part.split("=");
        next.put(Integer.valueOf(pair[0]), Long.valueOf(pair[1]));
      }
    }
    return new Offsets(next);
  }
}

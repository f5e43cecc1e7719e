package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaysTest {

  @Test
  void noDaysMakeAFalseCondition() {
    assertEquals("false", Days.condition("t", List.of()));
  }

  @Test
  void oneDayIsARangeWithAnExclusiveEnd() {
    assertEquals(
        "(t.session_start >= TIMESTAMP '2026-03-01 00:00:00Z'"
            + " AND t.session_start < TIMESTAMP '2026-03-02 00:00:00Z')",
        Days.condition("t.session_start", days("2026-03-01")));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01 2026-03-02 2026-03-03, 2026-03-01..2026-03-04",
    "2026-03-01 2026-03-03, 2026-03-01..2026-03-02 2026-03-03..2026-03-04",
    "2026-03-01 2026-03-02 2026-03-04 2026-03-05, 2026-03-01..2026-03-03 2026-03-04..2026-03-06",
    // Includes the ends of months and years, leap days and the end of the four-digit years.
    "2026-03-31 2026-04-01, 2026-03-31..2026-04-02",
    "2025-12-31 2026-01-01, 2025-12-31..2026-01-02",
    "2026-02-28 2026-03-01, 2026-02-28..2026-03-02",
    "2028-02-28 2028-02-29 2028-03-01, 2028-02-28..2028-03-02",
    "2028-02-28 2028-03-01, 2028-02-28..2028-02-29 2028-03-01..2028-03-02",
    "9999-12-31, 9999-12-31..+10000-01-01"
  })
  void daysInARowAreOneRange(String days, String ranges) {
    List<LocalDate> given = days(days.split(" "));
    assertEquals(condition(ranges), Days.condition("t", given));
  }

  @Test
  void orderAndDuplicatesOfDaysMakeNoDifference() {
    List<LocalDate> days =
        new ArrayList<>(days("2026-03-01", "2026-03-02", "2026-03-05", "2026-03-01"));
    String condition = Days.condition("t", days);
    for (int seed = 0; seed < 10; seed++) {
      Collections.shuffle(days, new Random(seed));
      assertEquals(condition, Days.condition("t", days), "seed " + seed);
    }
  }

  @Test
  void aYearOfDaysIsStillOneRange() {
    List<LocalDate> year = LocalDate.of(2026, 1, 1).datesUntil(LocalDate.of(2027, 1, 1)).toList();
    assertEquals(condition("2026-01-01..2027-01-01"), Days.condition("t", year));
  }

  @Test
  void scatteredDaysMakeAHundredRangesAroundTheLongestGaps() {
    // Given every second day of five years, except one month of each year
    List<LocalDate> days =
        IntStream.range(0, 2_500)
            .mapToObj(i -> LocalDate.of(2020, 1, 1).plusDays(2L * i))
            .filter(day -> day.getMonthValue() != 6)
            .toList();
    String condition = Days.condition("t", days);
    List<String> ranges = List.of(condition.split(" OR "));
    assertEquals(100, ranges.size());
    // Then each day is in one of the ranges, and no long gap is
    assertEquals(Set.copyOf(days), Set.copyOf(days.stream().filter(isIn(ranges)).toList()));
    assertTrue(
        LocalDate.of(2020, 6, 1).datesUntil(LocalDate.of(2020, 6, 30)).noneMatch(isIn(ranges)));
  }

  private static Predicate<LocalDate> isIn(List<String> ranges) {
    Pattern ends = Pattern.compile("'([-0-9]+) .*'([-0-9]+) ");
    return day ->
        ranges.stream()
            .map(ends::matcher)
            .filter(Matcher::find)
            .anyMatch(
                range ->
                    !day.isBefore(LocalDate.parse(range.group(1)))
                        && day.isBefore(LocalDate.parse(range.group(2))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2000-01-01", "2026-03-01 2026-03-03", "9999-12-31", "+58720-08-03", "1970-01-01"})
  void sparkParsesTheConditionAsLiterals(String days) {
    String text = Days.condition("t.session_start", days(days.split(" ")));
    Expression condition = CatalystSqlParser$.MODULE$.parseExpression("x = 1 AND (" + text + ")");
    assertTrue(condition.toString().contains("session_start >= "), condition.toString());
  }

  private static List<LocalDate> days(String... days) {
    return Arrays.stream(days).map(LocalDate::parse).toList();
  }

  private static String condition(String ranges) {
    return String.join(
        " OR ",
        Arrays.stream(ranges.split(" "))
            .map(range -> range.split("\\.\\."))
            .map(
                ends ->
                    String.format(
                        "(t >= TIMESTAMP '%s 00:00:00Z' AND t < TIMESTAMP '%s 00:00:00Z')",
                        ends[0], ends[1]))
            .toList());
  }
}

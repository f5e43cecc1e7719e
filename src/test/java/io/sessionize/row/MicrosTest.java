package io.sessionize.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicrosTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "1969-12-31T23:59:59.999001Z",
        "0001-01-01T00:00:00.000001Z",
        "2026-11-30T14:15:16.123456789Z",
        "9999-12-31T23:59:59.999999Z"
      })
  void timesAreThoseOfSpark(String text) {
    Instant instant = Instant.parse(text);
    long ms = instant.toEpochMilli();
    long micros = Micros.of(instant);
    assertEquals(DateTimeUtils.instantToMicros(instant), micros);
    assertEquals(DateTimeUtils.microsToInstant(micros), Micros.toInstant(micros));
    assertEquals(DateTimeUtils.microsToMillis(micros), Micros.toMs(micros));
    assertEquals(DateTimeUtils.millisToMicros(ms), Micros.ofMs(ms));
    assertEquals(LocalDate.ofInstant(instant, ZoneOffset.UTC), Micros.utcDay(micros));
    assertEquals(Micros.utcDay(micros), Micros.utcDay(Micros.ofDay(Micros.day(micros))));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
  void anyNumberIsAnInstant(long micros) {
    assertEquals(DateTimeUtils.microsToInstant(micros), Micros.toInstant(micros));
    assertEquals(micros, Micros.of(Micros.toInstant(micros)));
  }

  @ParameterizedTest
  @ValueSource(longs = {-300_000, 300_000})
  void anInstantTooFarAwayFails(long years) {
    Instant far = Instant.EPOCH.plusSeconds(years * 31_556_952);
    assertThrows(ArithmeticException.class, () -> Micros.of(far));
  }
}

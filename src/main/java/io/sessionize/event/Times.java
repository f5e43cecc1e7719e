package io.sessionize.event;

import io.sessionize.event.TopicDefinition.TimeFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.List;
import java.util.Locale;

/**
 * Parses times.
 *
 * <pre>
 *   format     example                        more digits
 *   epoch_ms   1790875736200                  not a time
 *   epoch_s    1790875736, 1790875736.2       cut off
 *   epoch_us   1790875736200123               cut off
 *   iso8601    2026-10-01T17:25:56.200Z       cut off
 * </pre>
 *
 * <p>An epoch is a number in any notation of JSON, or a text of it. ISO 8601 needs a year of four
 * digits and {@code Z} or an offset; a blank may stand for the T. A local time is not a time: its
 * meaning depends on where it is read.
 */
final class Times {
  private static final int LONGEST_ISO = 60;
  private static final int DATE = "2026-10-01".length();
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  /** Beyond these scales a number is no time, and arithmetic would take long. */
  private static final int MAX_SCALE = 2000;

  private static final int MIN_SCALE = -20;

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .parseLenient()
          .appendOffset("+HH:MM", "Z")
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private Times() {}

  /** The epoch milliseconds in the first format that the text has; null if it has none. */
  static Long millis(String text, List<TimeFormat> formats) {
    return scaled(text, formats, 3);
  }

  /**
   * The time in the first format that the text has, in whole microseconds; null if it has none, or
   * if it is not in the years 1 to 9999.
   */
  static Instant instant(String text, List<TimeFormat> formats) {
    Long micros = scaled(text, formats, 6);
    if (micros == null) {
      return null;
    }
    Instant time =
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1000L);
    return time.isBefore(FIRST) || !time.isBefore(END) ? null : time;
  }

  /**
   * @param digits of a second that are returned, 3 or 6
   */
  private static Long scaled(String text, List<TimeFormat> formats, int digits) {
    for (int i = 0; i < formats.size(); i++) {
      Long time =
          switch (formats.get(i)) {
            case EPOCH_MS -> epochMillis(text, digits);
            case EPOCH_S -> epoch(text, digits);
            case EPOCH_US -> epoch(text, digits - 6);
            case ISO8601 -> iso(text, digits);
          };
      if (time != null) {
        return time;
      }
    }
    return null;
  }

  private static Long epochMillis(String text, int digits) {
    Long millis = Numbers.whole(text);
    if (millis == null || digits == 3) {
      return millis;
    }
    long micros = millis * 1000;
    return micros / 1000 == millis ? (Long) micros : null;
  }

  private static Long epoch(String text, int shift) {
    BigDecimal number = Numbers.decimal(text);
    if (number != null && number.signum() == 0) {
      return 0L;
    }
    if (number == null || number.scale() > MAX_SCALE || number.scale() < MIN_SCALE) {
      return null;
    }
    try {
      return number.movePointRight(shift).setScale(0, RoundingMode.FLOOR).longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  private static Long iso(String given, int digits) {
    String text = Numbers.withoutBlanks(given);
    // Also tells it from an epoch without an exception.
    if (text.length() > LONGEST_ISO || text.length() <= DATE || text.charAt(4) != '-') {
      return null;
    }
    try {
      Instant time = ISO.parse(plain(text), OffsetDateTime::from).toInstant();
      return digits == 3
          ? time.toEpochMilli()
          : Math.addExact(
              Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
    } catch (DateTimeException | ArithmeticException e) {
      return null;
    }
  }

  /** With a T for a blank, and a colon in an offset of four digits: the formatter needs both. */
  private static String plain(String text) {
    String date = text.substring(0, DATE);
    String separator = text.charAt(DATE) == ' ' ? "T" : text.substring(DATE, DATE + 1);
    int sign = text.length() - "+0200".length();
    boolean isShort = sign > DATE && (text.charAt(sign) == '+' || text.charAt(sign) == '-');
    int end = isShort ? text.length() - 2 : text.length();
    String time = date + separator + text.substring(DATE + 1, end);
    return isShort ? time + ":" + text.substring(end) : time;
  }
}

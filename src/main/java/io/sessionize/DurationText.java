package io.sessionize;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses durations such as {@code 45m}, {@code 2h} and {@code PT2H}. */
public final class DurationText {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "min", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  private static final Pattern NUMBER_WITH_UNIT =
      Pattern.compile("(\\d+)(|ms|s|m|min|h|d)", Pattern.CASE_INSENSITIVE);

  private DurationText() {}

  /**
   * Parses a duration from zero to 100 years.
   *
   * @param unit of a number without one; null if each number must have one
   * @return empty if the text is none
   */
  public static Optional<Duration> parse(String text, ChronoUnit unit) {
    try {
      Matcher number = NUMBER_WITH_UNIT.matcher(text.strip());
      boolean isNumber = number.matches();
      ChronoUnit given =
          isNumber ? UNITS.getOrDefault(number.group(2).toLowerCase(Locale.ROOT), unit) : null;
      if (isNumber && given == null) {
        return Optional.empty();
      }
      Duration duration =
          isNumber
              ? Duration.of(Long.parseLong(number.group(1)), given)
              : Duration.parse(text.strip());
      return duration.isNegative() || duration.compareTo(LONGEST) > 0
          ? Optional.empty()
          : Optional.of(duration);
    } catch (NumberFormatException | DateTimeParseException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}

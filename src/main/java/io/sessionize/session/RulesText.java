package io.sessionize.session;

import io.sessionize.Failure;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of rules: {@code name=value} with spaces between, in a fixed order. A rule that is not
 * set is left out. White space in a condition is written as {@code %20} and the like; the pages,
 * which may have spaces, are the last.
 */
final class RulesText {
  private static final Pattern TEXT =
      Pattern.compile(
          "inactivity-timeout=(?<timeout>\\S+) max-session-duration=(?<max>\\S+)"
              + "(?: boundary-rule=(?<rule>\\S*))?"
              + "(?: changes=(?<changes>\\S+))?"
              + "(?: day-in=(?<zone>\\S+))?"
              + "(?: starts=(?<starts>\\S+))?"
              + "(?: ends=(?<ends>\\S+))?"
              + "(?: max-events=(?<events>\\d{1,18}))?"
              + "(?: end-session-on-page=(?<pages>.*))?",
          Pattern.DOTALL);

  private static final Pattern ESCAPED = Pattern.compile("%([0-9A-F]{2})");
  private static final Pattern UNSAFE = Pattern.compile("[%\\x00-\\x20]");
  private static final Pattern WHITE_SPACE = Pattern.compile("[\\x00-\\x20]+");
  private static final int HEXADECIMAL = 16;

  private RulesText() {}

  static String of(Rules rules) {
    return of(rules, RulesText::escaped);
  }

  /** The rules for people: conditions in quotes, in one line. */
  static String shown(Rules rules) {
    return of(rules, condition -> '"' + WHITE_SPACE.matcher(condition).replaceAll(" ") + '"');
  }

  private static String of(Rules rules, UnaryOperator<String> condition) {
    return "inactivity-timeout="
        + rules.inactivityTimeout()
        + " max-session-duration="
        + rules.maxDuration()
        + (rules.boundaryRule() == null ? "" : " boundary-rule=" + rules.boundaryRule())
        + (rules.changes().isEmpty() ? "" : " changes=" + String.join(",", rules.changes()))
        + (rules.dayIn() == null ? "" : " day-in=" + rules.dayIn().text())
        + (rules.starts() == null ? "" : " starts=" + condition.apply(rules.starts()))
        + (rules.ends() == null ? "" : " ends=" + condition.apply(rules.ends()))
        + (rules.maxEvents() == 0 ? "" : " max-events=" + rules.maxEvents())
        + (rules.endPages().isEmpty()
            ? ""
            : " end-session-on-page=" + String.join(",", rules.endPages()));
  }

  static Rules parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    try {
      if (matcher.matches()) {
        String zone = matcher.group("zone");
        String events = matcher.group("events");
        return new Rules(
            Duration.parse(matcher.group("timeout")),
            Duration.parse(matcher.group("max")),
            matcher.group("rule"),
            list(matcher.group("pages")),
            list(matcher.group("changes")),
            zone == null ? null : DayZone.parse(zone),
            unescaped(matcher.group("starts")),
            unescaped(matcher.group("ends")),
            events == null ? 0 : Long.parseLong(events));
      }
    } catch (DateTimeParseException e) {
      // Reported below, as a text of another form is.
    }
    throw Failure.usage(
        "The rules recorded with the tables are not known to this version (%s): upgrade the job.",
        text);
  }

  private static List<String> list(String text) {
    return text == null ? List.of() : List.of(text.split(",", -1));
  }

  private static String escaped(String condition) {
    return UNSAFE
        .matcher(condition)
        .replaceAll(found -> String.format("%%%02X", (int) found.group().charAt(0)));
  }

  private static String unescaped(String text) {
    return text == null
        ? null
        : ESCAPED
            .matcher(text)
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        Character.toString(Integer.parseInt(found.group(1), HEXADECIMAL))));
  }
}

package io.sessionize.session;

import io.sessionize.Failure;
import java.io.Serializable;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules that decide which events are one session. The tables record them, since all rows of a
 * table must follow the same rules.
 *
 * @param inactivityTimeout the longest pause within a session, inclusive
 * @param maxDuration the longest session, inclusive, at least the timeout
 * @param boundaryRule the class name of a {@link BoundaryRule}, or null
 * @param endPages pages that end a session, sorted, possibly none
 */
public record Rules(
    Duration inactivityTimeout, Duration maxDuration, String boundaryRule, List<String> endPages)
    implements Serializable {

  private static final Pattern TEXT =
      Pattern.compile(
          "inactivity-timeout=(\\S+) max-session-duration=(\\S+)(?: boundary-rule=(\\S*))?"
              + "(?: end-session-on-page=(.*))?",
          Pattern.DOTALL);

  public static final Rules DEFAULT =
      new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of());

  public Rules {
    if (inactivityTimeout.toMillis() <= 0) {
      throw Failure.usage(
          "The inactivity timeout must be positive, not %s: give --inactivity-timeout a time.",
          inactivityTimeout);
    }
    if (inactivityTimeout.compareTo(maxDuration) > 0) {
      throw Failure.usage(
          "The inactivity timeout %s is above the maximum session duration %s:"
              + " lower --inactivity-timeout or raise --max-session-duration.",
          inactivityTimeout, maxDuration);
    }
    endPages = List.copyOf(new TreeSet<>(endPages));
    endPages.stream()
        .filter(page -> page.contains(","))
        .forEach(
            page -> {
              throw Failure.usage(
                  "A page that ends a session cannot have a comma in its name: '%s'.", page);
            });
  }

  public long timeoutMs() {
    return inactivityTimeout.toMillis();
  }

  public long maxMs() {
    return maxDuration.toMillis();
  }

  /** Whether anything but a time can split. */
  boolean hasBoundaries() {
    return boundaryRule != null || !endPages.isEmpty();
  }

  /** The rule of the class, or null if there is none. */
  BoundaryRule custom() {
    return boundaryRule == null ? null : load(boundaryRule);
  }

  /** Fails with a usage error if the named class cannot be used as a rule. */
  public void validate() {
    custom();
  }

  /** The rules in one line. Equal texts mean equal rules. */
  public String text() {
    return "inactivity-timeout="
        + inactivityTimeout
        + " max-session-duration="
        + maxDuration
        + (boundaryRule == null ? "" : " boundary-rule=" + boundaryRule)
        + (endPages.isEmpty() ? "" : " end-session-on-page=" + String.join(",", endPages));
  }

  /**
   * Parses the {@link #text} of rules. Does not load their class.
   *
   * @throws Failure of usage, if this version does not know its form
   */
  public static Rules parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    try {
      if (matcher.matches()) {
        String pages = matcher.group(4);
        return new Rules(
            Duration.parse(matcher.group(1)),
            Duration.parse(matcher.group(2)),
            matcher.group(3),
            pages == null ? List.of() : List.of(pages.split(",", -1)));
      }
    } catch (DateTimeParseException e) {
      // Reported below, as a text of another form is.
    }
    throw Failure.usage(
        "The rules recorded with the tables are not known to this version (%s): upgrade the job.",
        text);
  }

  private static BoundaryRule load(String className) {
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      // Any class can be named: its static initializer must not run unless it is a rule.
      return Class.forName(className, false, loader)
          .asSubclass(BoundaryRule.class)
          .getConstructor()
          .newInstance();
    } catch (ClassNotFoundException e) {
      throw Failure.usage(
          "Boundary rule %s (given, or recorded in the tables) is not on the class path: add its jar (SESSIONIZE_CLASSPATH,"
              + " or spark.jars on a cluster).",
          className);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      // The cause is the exception of the rule itself, from its constructor or static initializer.
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw Failure.usage(
          "Boundary rule %s cannot be used: it must be public, implement %s and have a public"
              + " constructor without arguments (%s).",
          className, BoundaryRule.class.getName(), why);
    }
  }
}

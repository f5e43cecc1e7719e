package io.sessionize.session;

import io.sessionize.Failure;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

/**
 * The rules that decide which events are one session. The tables record them, since all rows of a
 * table must follow the same rules. {@link Boundaries} says where the rules split that are not
 * about the time since the last event or since the first.
 *
 * @param inactivityTimeout the longest pause within a session, inclusive
 * @param maxDuration the longest session, inclusive, at least the timeout
 * @param boundaryRule the class name of a {@link BoundaryRule}, or null
 * @param endPages pages that end a session, sorted, possibly none
 * @param changes properties whose change begins a session, sorted, possibly none
 * @param dayIn a zone whose days end sessions, or null
 * @param starts a condition on an event that begins a session, in Spark SQL, or null
 * @param ends a condition on an event that ends a session, in Spark SQL, or null
 * @param maxEvents the most events of a session of several moments; 0 for any number
 */
public record Rules(
    Duration inactivityTimeout,
    Duration maxDuration,
    String boundaryRule,
    List<String> endPages,
    List<String> changes,
    DayZone dayIn,
    String starts,
    String ends,
    long maxEvents)
    implements Serializable {

  public static final Rules DEFAULT =
      new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of());

  /** Rules without those that only a definition gives. */
  public Rules(
      Duration inactivityTimeout,
      Duration maxDuration,
      String boundaryRule,
      List<String> endPages) {
    this(inactivityTimeout, maxDuration, boundaryRule, endPages, List.of(), null, null, null, 0);
  }

  public Rules {
    if (inactivityTimeout.toMillis() <= 0) {
      throw Failure.usage(
          "The inactivity timeout must be positive, not %s: give a time such as 30m.",
          inactivityTimeout);
    }
    if (inactivityTimeout.compareTo(maxDuration) > 0) {
      throw Failure.usage(
          "The inactivity timeout %s is above the maximum session duration %s: lower the timeout or raise the maximum"
              + " (--inactivity-timeout and --max-session-duration, or inactivity_timeout and max_duration of session.rules).",
          inactivityTimeout, maxDuration);
    }
    endPages = List.copyOf(new TreeSet<>(endPages));
    changes = List.copyOf(new TreeSet<>(changes));
    if (maxEvents < 0) {
      throw Failure.usage("max_events must be 1 or more, not %d.", maxEvents);
    }
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
    return !boundaryNames().isEmpty();
  }

  /** The names of the rules but those about time, as {@link Boundaries} names what they split. */
  public List<String> boundaryNames() {
    return Boundaries.names(this);
  }

  /** The same rules without their class. */
  public Rules withoutClass() {
    return new Rules(
        inactivityTimeout, maxDuration, null, endPages, changes, dayIn, starts, ends, maxEvents);
  }

  /** The rule of the class, or null if there is none. */
  BoundaryRule custom() {
    return boundaryRule == null ? null : load(boundaryRule);
  }

  /**
   * Checks that this process can apply the rules: their class is there, and Java has their zone.
   *
   * @throws Failure of usage
   */
  public void validate() {
    custom();
    if (dayIn != null) {
      dayIn.validate();
    }
  }

  /** The same rules, with the clock changes of their zone that this Java knows. */
  public Rules ofThisJava() {
    return new Rules(
        inactivityTimeout,
        maxDuration,
        boundaryRule,
        endPages,
        changes,
        dayIn == null ? null : dayIn.ofThisJava(),
        starts,
        ends,
        maxEvents);
  }

  /** The rules in one line. Equal texts mean equal rules. */
  public String text() {
    return RulesText.of(this);
  }

  /** The rules in one line for people. */
  public String shown() {
    return RulesText.shown(this);
  }

  /** The {@link #text} of rules as people read it. */
  public static String shown(String text) {
    return parse(text).shown();
  }

  /**
   * Parses the {@link #text} of rules. Does not load their class.
   *
   * @throws Failure of usage, if this version does not know its form
   */
  public static Rules parse(String text) {
    return RulesText.parse(text);
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

package io.sessionize.session;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * The rules that a command line or a definition file gives. A rule that is not given is as recorded
 * in the tables. New tables begin with {@link Rules#DEFAULT}.
 *
 * @param inactivityTimeout null if it is not given, like each of the others
 * @param boundaryRule empty to give no class
 * @param endPages empty to give no page
 * @param changes empty to give no property
 * @param dayIn name of a zone; empty to give none
 * @param starts empty to give no condition
 * @param ends empty to give no condition
 * @param maxEvents 0 to give no greatest number
 * @param isWhole whether a rule that is not given is none, as with a preset; else it is as
 *     recorded. The two limits are always as recorded if they are not given.
 */
public record GivenRules(
    Duration inactivityTimeout,
    Duration maxDuration,
    String boundaryRule,
    List<String> endPages,
    List<String> changes,
    String dayIn,
    String starts,
    String ends,
    Long maxEvents,
    boolean isWhole)
    implements UnaryOperator<Rules> {

  /** No rule is given. */
  public static final GivenRules NONE = new GivenRules(null, null, null, null);

  private static final Rules WIDEST =
      new Rules(Duration.ofMillis(1), Duration.ofDays(36_500), null, List.of());

  public GivenRules {
    // In the order of the rules, so that two lists of the same pages are equal.
    endPages = endPages == null ? null : List.copyOf(new TreeSet<>(endPages));
  }

  /** Rules beside which the recorded ones hold. */
  public GivenRules(
      Duration inactivityTimeout,
      Duration maxDuration,
      String boundaryRule,
      List<String> endPages,
      List<String> changes,
      String dayIn,
      String starts,
      String ends,
      Long maxEvents) {
    this(
        inactivityTimeout,
        maxDuration,
        boundaryRule,
        endPages,
        changes,
        dayIn,
        starts,
        ends,
        maxEvents,
        false);
  }

  /** Rules without those that only a definition gives. */
  public GivenRules(
      Duration inactivityTimeout,
      Duration maxDuration,
      String boundaryRule,
      List<String> endPages) {
    this(inactivityTimeout, maxDuration, boundaryRule, endPages, null, null, null, null, null);
  }

  /** Gives each of these rules. */
  public static GivenRules all(Rules rules) {
    return new GivenRules(
        rules.inactivityTimeout(),
        rules.maxDuration(),
        orEmpty(rules.boundaryRule()),
        rules.endPages(),
        rules.changes(),
        rules.dayIn() == null ? "" : rules.dayIn().name(),
        orEmpty(rules.starts()),
        orEmpty(rules.ends()),
        rules.maxEvents());
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /** Returns the given rules, completed with the recorded ones. */
  @Override
  public Rules apply(Rules recorded) {
    Rules others =
        isWhole
            ? new Rules(recorded.inactivityTimeout(), recorded.maxDuration(), null, List.of())
            : recorded;
    return new Rules(
        or(inactivityTimeout, others.inactivityTimeout()),
        or(maxDuration, others.maxDuration()),
        textOr(boundaryRule, others.boundaryRule()),
        or(endPages, others.endPages()),
        or(changes, others.changes()),
        dayIn == null ? others.dayIn() : zone(recorded.dayIn()),
        textOr(starts, others.starts()),
        textOr(ends, others.ends()),
        or(maxEvents, others.maxEvents()));
  }

  /** The given zone: the recorded one, if it has the same name. */
  private DayZone zone(DayZone recorded) {
    if (dayIn.isEmpty()) {
      return null;
    }
    return recorded != null && recorded.name().equals(dayIn) ? recorded : DayZone.of(dayIn);
  }

  private static <T> T or(T given, T recorded) {
    return given == null ? recorded : given;
  }

  private static String textOr(String given, String recorded) {
    String text = or(given, recorded);
    return text == null || text.isEmpty() ? null : text;
  }

  /**
   * Completes the given rules for tables that do not restrict them.
   *
   * @throws Failure of usage, if a value is wrong with any recorded rules
   */
  public Rules alone() {
    return apply(WIDEST);
  }

  /**
   * The rules of a command line together with those of its definition file.
   *
   * @throws Failure of usage, if both give a rule, and not the same
   */
  public GivenRules and(GivenRules file) {
    return new GivenRules(
        one("inactivity-timeout", inactivityTimeout, "inactivity_timeout", file.inactivityTimeout),
        one("max-session-duration", maxDuration, "max_duration", file.maxDuration),
        one("boundary-rule", boundaryRule, "class", file.boundaryRule),
        one("end-session-on-page", endPages, "end_session_on_page", file.endPages),
        file.changes,
        file.dayIn,
        file.starts,
        file.ends,
        file.maxEvents,
        file.isWhole);
  }

  private static <T> T one(String option, T given, String key, T inFile) {
    if (given != null && inFile != null && !Objects.equals(given, inFile)) {
      throw Failure.usage(
          "--%s is %s, but session.rules.%s of --definition is %s: give one of them.",
          option, given, key, inFile);
    }
    return or(given, inFile);
  }
}

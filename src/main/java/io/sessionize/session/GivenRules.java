package io.sessionize.session;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The rules that a command line gives. A rule that is not given is as recorded in the tables. New
 * tables begin with {@link Rules#DEFAULT}.
 *
 * @param inactivityTimeout null if it is not given, like each of the others
 * @param boundaryRule empty to give no class
 * @param endPages empty to give no page
 */
public record GivenRules(
    Duration inactivityTimeout, Duration maxDuration, String boundaryRule, List<String> endPages)
    implements UnaryOperator<Rules> {

  /** No rule is given. */
  public static final GivenRules NONE = new GivenRules(null, null, null, null);

  private static final Rules WIDEST =
      new Rules(Duration.ofMillis(1), Duration.ofDays(36_500), null, List.of());

  /** Gives each of these rules. */
  public static GivenRules all(Rules rules) {
    return new GivenRules(
        rules.inactivityTimeout(),
        rules.maxDuration(),
        rules.boundaryRule() == null ? "" : rules.boundaryRule(),
        rules.endPages());
  }

  /** Returns the given rules, completed with the recorded ones. */
  @Override
  public Rules apply(Rules recorded) {
    String custom = boundaryRule == null ? recorded.boundaryRule() : boundaryRule;
    return new Rules(
        inactivityTimeout == null ? recorded.inactivityTimeout() : inactivityTimeout,
        maxDuration == null ? recorded.maxDuration() : maxDuration,
        custom == null || custom.isEmpty() ? null : custom,
        endPages == null ? recorded.endPages() : endPages);
  }

  /**
   * Completes the given rules for tables that do not restrict them.
   *
   * @throws io.sessionize.Failure of usage, if a value is wrong with any recorded rules
   */
  public Rules alone() {
    return apply(WIDEST);
  }
}

package io.sessionize.cli;

import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The rules on the command line, for commands on tables that record their rules. A rule that is not
 * given is as recorded.
 *
 * @param inactivityTimeout null if it is not given, like each of the others
 */
record GivenRules(
    Duration inactivityTimeout, Duration maxDuration, String boundaryRule, List<String> endPages)
    implements UnaryOperator<Rules> {
  private static final Rules WIDEST =
      new Rules(Duration.ofMillis(1), Duration.ofDays(36_500), null, List.of());

  /**
   * Reads the rules.
   *
   * @throws io.sessionize.Failure of usage, if a value is wrong
   */
  static GivenRules read(Arguments arguments) {
    GivenRules given =
        new GivenRules(
            arguments.has(Opt.INACTIVITY_TIMEOUT)
                ? arguments.duration(Opt.INACTIVITY_TIMEOUT)
                : null,
            arguments.has(Opt.MAX_SESSION_DURATION)
                ? arguments.duration(Opt.MAX_SESSION_DURATION)
                : null,
            arguments.text(Opt.BOUNDARY_RULE),
            arguments.has(Opt.END_SESSION_ON_PAGE)
                ? arguments.list(Opt.END_SESSION_ON_PAGE)
                : null);
    // Reports a value that is wrong with any recorded rules before the tables are read.
    given.apply(WIDEST);
    return given;
  }

  /** Returns the given rules, completed with the recorded ones. */
  @Override
  public Rules apply(Rules recorded) {
    return new Rules(
        inactivityTimeout == null ? recorded.inactivityTimeout() : inactivityTimeout,
        maxDuration == null ? recorded.maxDuration() : maxDuration,
        boundaryRule == null ? recorded.boundaryRule() : boundaryRule,
        endPages == null ? recorded.endPages() : endPages);
  }
}

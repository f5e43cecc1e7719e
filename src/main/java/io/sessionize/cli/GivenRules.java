package io.sessionize.cli;

import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the command line says about rules, for commands that look at tables whose rules are
 * recorded. What it does not say is as recorded.
 *
 * @param inactivityTimeout null where it was not given, as each of these
 */
record GivenRules(
    Duration inactivityTimeout, Duration maxDuration, String boundaryRule, List<String> endPages)
    implements UnaryOperator<Rules> {
  private static final Rules WIDEST =
      new Rules(Duration.ofMillis(1), Duration.ofDays(36_500), null, List.of());

  /**
   * Reads them.
   *
   * @throws io.sessionize.Failure of usage, where one of them cannot be understood
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
    // What is wrong whatever is recorded ends before anything is asked for.
    given.apply(WIDEST);
    return given;
  }

  /** These rules, and of those recorded what was not given. */
  @Override
  public Rules apply(Rules recorded) {
    return new Rules(
        inactivityTimeout == null ? recorded.inactivityTimeout() : inactivityTimeout,
        maxDuration == null ? recorded.maxDuration() : maxDuration,
        boundaryRule == null ? recorded.boundaryRule() : boundaryRule,
        endPages == null ? recorded.endPages() : endPages);
  }
}

package io.sessionize.cli;

import io.sessionize.session.GivenRules;

/** Reads the options of the rules. */
final class RuleOptions {
  private RuleOptions() {}

  /**
   * Reads the rules.
   *
   * @throws io.sessionize.Failure of usage, if a value is wrong with any recorded rules
   */
  static GivenRules read(Arguments arguments) {
    GivenRules given =
        new GivenRules(
            arguments.duration(Opt.INACTIVITY_TIMEOUT),
            arguments.duration(Opt.MAX_SESSION_DURATION),
            arguments.text(Opt.BOUNDARY_RULE),
            arguments.has(Opt.END_SESSION_ON_PAGE)
                ? arguments.list(Opt.END_SESSION_ON_PAGE)
                : null);
    given.alone();
    return given;
  }
}

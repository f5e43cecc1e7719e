package io.sessionize.cli;

import io.sessionize.session.GivenRules;

/** Reads the rules: the options, and those of the definition file. */
final class RuleOptions {
  private RuleOptions() {}

  /**
   * Reads the rules. A command without the option {@code --definition} has no file.
   *
   * @throws io.sessionize.Failure of usage, if a value is wrong with any recorded rules, or if the
   *     file gives another one
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
    GivenRules all = given.and(DefinitionOptions.rules(arguments));
    all.alone();
    return all;
  }
}

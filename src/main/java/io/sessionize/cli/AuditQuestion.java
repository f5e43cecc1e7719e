package io.sessionize.cli;

import io.sessionize.Failure;
import java.util.List;

/** One subcommand of {@code audit}. */
interface AuditQuestion {

  /** Returns the words that call it, for the usage line: its name, and what must follow it. */
  String words();

  /** Returns the options that it takes, beside those of every subcommand. */
  List<Opt> options();

  /**
   * Checks the command line by itself.
   *
   * @throws Failure of usage, naming what is wrong
   */
  TableCommand.PreparedCommand check(Arguments arguments);

  /** Returns its name. */
  default String name() {
    return words().split(" ")[0];
  }

  /** Refuses a wrong number of words, and an option of another subcommand. */
  default void checkUsage(Arguments arguments, List<Opt> others) {
    List<String> given = arguments.words();
    if (given.size() != words().split(" ").length) {
      throw Failure.usage(
          "Usage: sessionize audit %s (got '%s').", words(), String.join(" ", given));
    }
    for (Opt opt : others) {
      if (arguments.has(opt) && !options().contains(opt)) {
        throw Failure.usage("--%s is not an option of audit %s.", opt.longName(), name());
      }
    }
  }
}

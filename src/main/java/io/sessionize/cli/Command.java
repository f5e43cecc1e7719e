package io.sessionize.cli;

import java.io.PrintStream;
import java.util.List;

/** A command of the launcher. */
public interface Command {

  /** Returns the word that calls it. */
  String name();

  /** Returns what it does, in one sentence without a full stop. */
  String summary();

  /** Returns the words that may follow the options, for the usage line. */
  default String words() {
    return "";
  }

  /** Returns its options, in the order in which help shows them. */
  List<Opt> options();

  /**
   * Checks the command line, does the work and prints the results.
   *
   * @param out where results go, and nothing else
   * @throws io.sessionize.Failure with the line to show and the exit code to end with
   */
  void execute(Arguments arguments, PrintStream out) throws Exception;
}

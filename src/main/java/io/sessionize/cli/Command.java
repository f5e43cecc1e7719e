package io.sessionize.cli;

import java.io.PrintStream;
import java.util.List;

/** One command of the launcher. */
public interface Command {

  /** The word that calls it. */
  String name();

  /** What it does, in one sentence without a full stop. */
  String summary();

  /** What may stand beside the options, for the usage line. */
  default String words() {
    return "";
  }

  /** The options it takes, in the order in which help shows them. */
  List<Opt> options();

  /**
   * Does it.
   *
   * @param out where results go, and nothing else
   * @throws io.sessionize.Failure with the line to show and the exit code to end with
   */
  void execute(Arguments arguments, PrintStream out) throws Exception;
}

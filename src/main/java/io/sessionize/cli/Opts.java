package io.sessionize.cli;

import java.util.Arrays;
import java.util.List;

/** Options that a command lists together: one {@link Opt}, or an {@link OptGroup}. */
interface Opts {

  /** Returns the options in the order in which help shows them. */
  List<Opt> list();

  /** Returns the options of all parts, in order. */
  static List<Opt> join(Opts... parts) {
    return Arrays.stream(parts).flatMap(part -> part.list().stream()).toList();
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;

/** What the command line makes of something thrown, for tests of other packages. */
public final class Shown {
  private Shown() {}

  public static Failure failure(Throwable thrown) {
    return Failures.explain(thrown);
  }
}

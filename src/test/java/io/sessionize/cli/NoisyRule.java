package io.sessionize.cli;

import io.sessionize.session.BoundaryRule;
import io.sessionize.session.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * A rule for tests of the end of a process. When the JVM ends, it prints frames, as threads do
 * whose executors were stopped under them. If the property {@value #REACHED} names a file, it
 * creates this file and waits.
 */
public final class NoisyRule implements BoundaryRule {
  static final String REACHED = "noisy.reached";

  @Override
  public boolean startsNewSession(List<Moment> session, Moment next) {
    Runtime.getRuntime().addShutdownHook(new Thread(NoisyRule::print));
    if (System.getProperty(REACHED) == null) {
      return false;
    }
    try {
      Files.createFile(Path.of(System.getProperty(REACHED)));
      Thread.sleep(600_000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private static void print() {
    new RejectedExecutionException("printed by a library").printStackTrace();
    // Java prints it with the name of the thread.
    throw new RejectedExecutionException("not caught");
  }
}

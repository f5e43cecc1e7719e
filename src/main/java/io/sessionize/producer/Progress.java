package io.sessionize.producer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far it is: a bar on a terminal, else a line every ten seconds. */
public interface Progress extends AutoCloseable {
  long NANOS_BETWEEN_LINES = 10_000_000_000L;

  /**
   * Called often, from one thread.
   *
   * @param sent how many events Kafka has confirmed
   */
  void show(long sent);

  @Override
  void close();

  /**
   * @param planned how many events there will be, or -1 where that is not known
   */
  static Progress on(PrintStream err, long planned, LongSupplier nanoTime) {
    return stderrIsTerminal() ? bar(err, planned) : lines(err, planned, nanoTime);
  }

  private static Progress bar(PrintStream err, long planned) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("produce")
            .setInitialMax(planned)
            .setUnit(" events", 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(err))
            .showSpeed()
            .build();
    return new Progress() {
      @Override
      public void show(long sent) {
        bar.stepTo(sent);
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  /** Plain lines, none in the first ten seconds. */
  static Progress lines(PrintStream err, long planned, LongSupplier nanoTime) {
    String line = planned < 0 ? "sent %d events%n" : "sent %d of " + planned + " events%n";
    return new Progress() {
      private long last = nanoTime.getAsLong();

      @Override
      public void show(long sent) {
        long now = nanoTime.getAsLong();
        if (now - last >= NANOS_BETWEEN_LINES) {
          last = now;
          err.printf(line, sent);
        }
      }

      @Override
      public void close() {}
    };
  }

  // Java cannot ask. System.console() knows of stdin and stdout alone, so it is the second choice.
  private static boolean stderrIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return System.console() != null;
    }
  }
}

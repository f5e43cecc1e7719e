package io.sessionize.progress;

import io.sessionize.output.Printer;
import io.sessionize.output.Terminal;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows the progress of a task: a bar on a terminal, else lines, if it takes long. */
public interface Progress extends AutoCloseable {
  long NANOS_BEFORE_LINES = 5_000_000_000L;

  long NANOS_BETWEEN_LINES = 10_000_000_000L;

  /** Shows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void show(long done) {}

        @Override
        public void close() {}
      };

  /**
   * Shows the current count. It may be called often.
   *
   * @param done number of completed units
   */
  void show(long done);

  @Override
  void close();

  /**
   * Returns a bar on a terminal, else lines.
   *
   * @param task name of the task
   * @param unit name of the counted units
   * @param planned total number of units, or -1 if it is not known
   */
  static Progress on(
      PrintStream err, String task, String unit, long planned, LongSupplier nanoTime) {
    return stderrIsTerminal()
        ? bar(err, task, unit, planned)
        : lines(err, task, unit, planned, nanoTime);
  }

  /** Returns a bar on a terminal, else {@link #NONE}: for commands that print their own lines. */
  static Progress onTerminal(PrintStream err, String task, String unit, long planned) {
    return stderrIsTerminal() ? bar(err, task, unit, planned) : NONE;
  }

  private static Progress bar(PrintStream err, String task, String unit, long planned) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(planned)
            .setUnit(" " + unit, 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(
                new ConsoleProgressBarConsumer(
                    new PrintStream(Printer.raw(err), true, StandardCharsets.UTF_8)))
            .showSpeed()
            .build();
    return new Progress() {
      @Override
      public void show(long done) {
        bar.stepTo(done);
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  /** Returns plain lines: the first after five seconds, then one every ten. */
  static Progress lines(
      PrintStream err, String task, String unit, long planned, LongSupplier nanoTime) {
    String line = task + " %d " + (planned < 0 ? "" : "of " + planned + " ") + unit + "%n";
    return new Progress() {
      private long last = nanoTime.getAsLong() + NANOS_BEFORE_LINES - NANOS_BETWEEN_LINES;

      @Override
      public void show(long done) {
        long now = nanoTime.getAsLong();
        if (now - last >= NANOS_BETWEEN_LINES) {
          last = now;
          err.printf(line, done);
        }
      }

      @Override
      public void close() {}
    };
  }

  private static boolean stderrIsTerminal() {
    return Terminal.ofStandardError(System::getenv).isTerminal();
  }
}

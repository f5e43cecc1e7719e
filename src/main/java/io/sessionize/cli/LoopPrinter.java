package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.continuous.Loop;
import io.sessionize.continuous.LoopStatus;
import io.sessionize.continuous.Patience;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log, on stderr and in the metrics what continuous mode is doing. */
final class LoopPrinter implements Loop.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(LoopPrinter.class);

  private final Arguments arguments;
  private RunReport last;
  private final Set<String> unwritten = new HashSet<>();

  LoopPrinter(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Notes the report of a run that has just ended, and writes it as JSON. */
  void ended(RunReport report) {
    last = report;
    write(arguments.text(Opt.REPORT), report::writeJson);
  }

  private interface Writer {
    void write(String file) throws IOException;
  }

  /** Writes a file. If it cannot be written, this is told once until it succeeds. */
  private void write(String file, Writer writer) {
    if (file == null) {
      return;
    }
    try {
      writer.write(file);
      unwritten.remove(file);
    } catch (IOException e) {
      if (unwritten.add(file)) {
        LOG.warn("{} cannot be written", file, e);
        BatchPrinter.warnWithTime(
            "%s cannot be written: free space there. It is tried again.", file);
      }
    }
  }

  @Override
  public void waits(Failure failure, Duration pause) {
    String how =
        failure.kind() == Failure.Kind.OTHER
            ? String.format("waiting, and trying again up to %d times", Patience.ATTEMPTS)
            : String.format(
                "waiting, and trying again with growing pauses for up to %s (--max-wait)",
                text(arguments.duration(Opt.MAX_WAIT)));
    LOG.warn("Continuous mode is {}: {}", how, failure.forTheLog(), failure.getCause());
    BatchPrinter.warnWithTime("%s: %s", how, failure.getMessage());
  }

  @Override
  public void goesOn(Duration waited) {
    String text = String.format("goes on after a wait of %s", text(waited));
    LOG.warn("Continuous mode {}", text);
    BatchPrinter.warnWithTime("%s", text);
  }

  @Override
  public void fallsBehind(boolean behind, LoopStatus status) {
    String waits =
        String.format(
            "%d offsets wait%s",
            status.backlog().orElse(0L),
            status.backlogTime().map(time -> ", which take " + text(time)).orElse(""));
    if (behind) {
      warn(
          String.format(
              "falling behind: runs take longer than --trigger %s, and the backlog grows: %s. See"
                  + " docs/operations.md, Lag grows.",
              text(arguments.duration(Opt.TRIGGER)), waits));
    } else {
      warn("no longer falling behind: " + waits);
    }
  }

  @Override
  public void maintenanceFails(Failure failure) {
    LOG.warn(
        "Maintenance has failed and is tried again later: {}",
        failure.forTheLog(),
        failure.getCause());
    BatchPrinter.warnWithTime(
        "maintenance has failed and is tried again later: %s", failure.getMessage());
  }

  @Override
  public void changed(LoopStatus status) {
    String file = arguments.text(Opt.METRICS_FILE);
    if (file == null) {
      return;
    }
    String table = arguments.name(Opt.ICEBERG_DATABASE) + "." + arguments.table(Opt.ICEBERG_TABLE);
    Gauges gauges = new Gauges(table, RunCommand.NAME);
    Optional.ofNullable(last).ifPresent(report -> MetricsFile.add(report, gauges));
    LoopMetrics.add(status, Instant.now(), gauges);
    write(file, gauges::write);
  }

  private void warn(String text) {
    LOG.warn(text);
    BatchPrinter.warnWithTime("%s", text);
  }

  /** Returns a duration for people. */
  static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 120) {
      return seconds + " s";
    }
    return time.toMinutes() < 120 ? time.toMinutes() + " min" : time.toHours() + " h";
  }
}

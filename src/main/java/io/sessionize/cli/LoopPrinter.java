package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.continuous.Loop;
import io.sessionize.continuous.LoopStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log, on stderr and in the metrics what continuous mode is doing. */
final class LoopPrinter implements Loop.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(LoopPrinter.class);

  private final Arguments arguments;
  private RunReport last;
  private boolean unwritten;

  LoopPrinter(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Notes the report of a run that has just ended, and writes it as JSON. */
  void ended(RunReport report) {
    last = report;
    report.tryWriteJson(arguments).ifPresent(this::warn);
  }

  @Override
  public void waits(Failure failure, Duration pause) {
    String how =
        String.format(
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
    try {
      gauges.write(file);
      unwritten = false;
    } catch (IOException e) {
      LOG.warn("{} cannot be written", file, e);
      if (!unwritten) {
        BatchPrinter.warnWithTime(
            "%s cannot be written: free space there. It is tried again.", file);
      }
      unwritten = true;
    }
  }

  private void warn(Failure failure) {
    warn(failure.getMessage());
  }

  private void warn(String text) {
    LOG.warn(text);
    BatchPrinter.warnWithTime("%s", text);
  }

  private static String text(Duration time) {
    long seconds = time.toSeconds();
    return seconds < 120 ? seconds + " s" : time.toMinutes() + " min";
  }
}

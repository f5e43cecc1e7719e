package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.job.Job;
import io.sessionize.spark.SparkJobs;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code run --trigger}: starts a run at every interval until a signal. A run that finds no new
 * event still advances the watermark, so idle sessions close.
 */
final class ContinuousRun implements TableCommand.PreparedCommand {
  private static final Logger LOG = LoggerFactory.getLogger(ContinuousRun.class);

  private final JobOptions options;
  private final GivenSource given;
  private final Duration trigger;
  private final CountDownLatch stop = new CountDownLatch(1);

  /**
   * @param trigger time from the start of a run to the start of the next
   */
  ContinuousRun(JobOptions options, GivenSource given, Duration trigger) {
    this.options = options;
    this.given = given;
    this.trigger = trigger;
  }

  @Override
  public void askServices() {
    given.ask();
  }

  @Override
  public Optional<CountDownLatch> stop() {
    return Optional.of(stop);
  }

  @Override
  public void execute(TableContext context) throws InterruptedException {
    Arguments arguments = context.arguments();
    Job job = options.job(context.names());
    BatchPrinter printer = BatchPrinter.withTimes(context.out());
    try (FollowingRun<?> run =
        SparkJobs.following(
            context.spark(),
            job,
            given.on(context.tables().findBase(), options.dropped()),
            RunCommand.checkpoint(arguments),
            printer::batch,
            CrashPoint.Probe.NONE)) {
      follow(run, job, arguments, printer);
    }
  }

  private void follow(FollowingRun<?> run, Job job, Arguments arguments, BatchPrinter printer)
      throws InterruptedException {
    long next = System.nanoTime();
    while (!stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      next = Math.max(next + trigger.toNanos(), System.nanoTime());
      Instant started = Instant.now();
      BatchReport done = run.execute(() -> stop.getCount() == 0);
      RunReport.since(started, RunCommand.NAME, job.names(), done)
          .tryWrite(arguments)
          .ifPresent(unwritten -> warn(unwritten, printer));
    }
  }

  /** Warns if a report cannot be written: the next run writes it again. */
  private static void warn(Failure unwritten, BatchPrinter printer) {
    LOG.warn(unwritten.getMessage());
    printer.warn("%s", unwritten.getMessage());
  }
}

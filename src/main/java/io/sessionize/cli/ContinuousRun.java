package io.sessionize.cli;

import io.sessionize.continuous.Loop;
import io.sessionize.continuous.Patience;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.job.Job;
import io.sessionize.job.RunListener;
import io.sessionize.maintenance.Upkeep;
import io.sessionize.spark.SparkJobs;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code run --trigger}: starts a run at every interval until a signal. A run that finds no new
 * event still advances the watermark, so idle sessions close. Between the runs it maintains the
 * tables.
 */
final class ContinuousRun implements TableCommand.PreparedCommand {
  private static final Logger LOG = LoggerFactory.getLogger(ContinuousRun.class);

  private final JobOptions options;
  private final GivenSource given;
  private final LoopPrinter told;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Loop loop;

  ContinuousRun(JobOptions options, GivenSource given, Arguments arguments) {
    this.options = options;
    this.given = given;
    this.told = new LoopPrinter(arguments);
    this.loop =
        new Loop(
            arguments.duration(Opt.TRIGGER),
            new Patience(arguments.duration(Opt.MAX_WAIT), System::currentTimeMillis),
            stop,
            Failures::explain,
            told,
            System::currentTimeMillis);
  }

  @Override
  public void askServices() throws InterruptedException {
    loop.await(given::ask);
  }

  @Override
  public Optional<CountDownLatch> stop() {
    return Optional.of(stop);
  }

  @Override
  public void execute(TableContext context) throws InterruptedException {
    Arguments arguments = context.arguments();
    Upkeep upkeep =
        new Upkeep(
            context.spark(),
            context.names(),
            new Upkeep.Policy(
                arguments.duration(Opt.MAINTAIN_EVERY),
                arguments.duration(Opt.KEEP_HISTORY),
                arguments.duration(Opt.KEEP_TAGS)),
            step -> LOG.info("Maintenance of {}: {}", step.table(), MaintenancePrinter.text(step)),
            Failures::explain,
            System::currentTimeMillis);
    try (Runs runs = new Runs(context)) {
      loop.execute(runs::execute, upkeep::step);
    }
  }

  /** The passes of the loop. */
  private final class Runs implements RunListener, AutoCloseable {
    private final TableContext context;
    private final BatchPrinter printer;
    private final Job job;
    private FollowingRun<?> run;

    Runs(TableContext context) {
      this.context = context;
      this.printer = BatchPrinter.withTimes(context.out());
      this.job = options.job(context.names());
    }

    void execute() {
      if (run == null) {
        // The catalog may be away.
        run =
            SparkJobs.following(
                context.spark(),
                job,
                given.on(context.tables().findBase(), options.dropped()),
                RunCommand.checkpoint(context.arguments()),
                this,
                CrashPoint.Probe.NONE);
      }
      Instant started = Instant.now();
      BatchReport done = run.execute(() -> stop.getCount() == 0);
      told.ended(RunReport.since(started, RunCommand.NAME, job.names(), done));
    }

    @Override
    public void close() {
      if (run != null) {
        run.close();
      }
    }

    @Override
    public void planned(long offsets) {
      loop.planned(offsets);
    }

    @Override
    public void batch(BatchReport batch) {
      printer.batch(batch);
      loop.batch(batch);
    }
  }
}

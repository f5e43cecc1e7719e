package io.sessionize.continuous;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import io.sessionize.continuous.LoopStatus.State;
import io.sessionize.job.BatchReport;
import io.sessionize.job.RunListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a run at an interval, with steps of maintenance between two runs, until it is asked to
 * stop. It waits for services that are away, but not before its first batch: then the address is
 * probably wrong. It also waits for what may be the state of a moment, if it has seen another one.
 */
public final class Loop implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

  /** A signal has to end the process within 10 seconds. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Duration trigger;
  private final CountDownLatch stop;
  private final Function<Throwable, Failure> explain;
  private final Listener listener;
  private final LongSupplier clock;
  private final LongSupplier nanos;
  private final Patience patience;
  private final Pace pace;
  private final Duration grace;
  private boolean wasBehind;
  private boolean hasRun;
  private Duration took = Duration.ZERO;
  private volatile boolean mayInterrupt;
  private volatile boolean interrupted;
  private Failure reason;
  private long retries;
  private long maintenanceFailures;

  /** Work that may fail because a service is away. It can be repeated. */
  @FunctionalInterface
  public interface Attempt {
    /** Does the work. */
    void execute();
  }

  /** Receives what changes. Calls come one at a time, in the order of the events. */
  public interface Listener {
    /**
     * The loop begins to wait, or waits for another reason from now on.
     *
     * @param pause until the next attempt
     */
    void waits(Failure failure, Duration pause);

    /** The loop goes on after it has waited. */
    void goesOn(Duration waited);

    /** The loop has begun to fall behind, or keeps up again. */
    void fallsBehind(boolean behind, LoopStatus status);

    /** A step of maintenance has failed. */
    void maintenanceFails(Failure failure);

    /** The status has changed, or an attempt has failed once more. */
    void changed(LoopStatus status);
  }

  /**
   * @param trigger time from the start of a run to the start of the next
   * @param stop opened to end the loop between two batches
   * @param explain converts an exception to a failure with its kind
   * @param clock current time, epoch milliseconds
   */
  public Loop(
      Duration trigger,
      Patience patience,
      CountDownLatch stop,
      Function<Throwable, Failure> explain,
      Listener listener,
      LongSupplier clock) {
    this(trigger, patience, stop, explain, listener, clock, System::nanoTime, GRACE);
  }

  /**
   * @param nanos as {@link System#nanoTime}
   * @param grace from the stop to the interruption of what may be interrupted
   */
  Loop(
      Duration trigger,
      Patience patience,
      CountDownLatch stop,
      Function<Throwable, Failure> explain,
      Listener listener,
      LongSupplier clock,
      LongSupplier nanos,
      Duration grace) {
    this.trigger = trigger;
    this.patience = patience;
    this.stop = stop;
    this.explain = explain;
    this.listener = listener;
    this.clock = clock;
    this.nanos = nanos;
    this.pace = new Pace(trigger);
    this.grace = grace;
  }

  /**
   * Repeats the run until it is asked to stop.
   *
   * @param run calls this object as its listener
   * @param maintenance does one step, if one is due, and returns whether another one is
   * @throws RuntimeException as the run, if its failure does not end by itself, has lasted too
   *     long, or is one before the first batch that may be no state of a moment
   */
  public void execute(Attempt run, BooleanSupplier maintenance) throws InterruptedException {
    long next = nanos.getAsLong();
    while (!stop.await(next - nanos.getAsLong(), TimeUnit.NANOSECONDS)) {
      next = Math.max(next + trigger.toNanos(), nanos.getAsLong());
      if (!await(run)) {
        return;
      }
      hasRun = true;
      pace.ended(took);
      listener.changed(status());
      maintain(maintenance, next);
    }
  }

  /** Does one step, and more while the next run is not due. */
  private void maintain(BooleanSupplier step, long next) {
    boolean more = true;
    while (more && !isStopped()) {
      long started = nanos.getAsLong();
      try {
        more = interruptible(step::getAsBoolean) && nanos.getAsLong() < next;
        // A round of many steps takes long.
        listener.changed(status());
      } catch (Exception e) {
        // Scala throws checked exceptions, such as SparkException, without declaring them.
        if (interrupted) {
          LOG.info("The stop has interrupted a step of maintenance: the next process does it");
          return;
        }
        maintenanceFailures++;
        listener.maintenanceFails(explain.apply(e));
        listener.changed(status());
        more = false;
      } finally {
        long now = nanos.getAsLong();
        if (now > next && now - started > took.toNanos()) {
          pace.delayed();
        }
      }
    }
  }

  /**
   * Repeats an attempt until it succeeds.
   *
   * @return false, if the loop was asked to stop first
   * @throws RuntimeException as the attempt: see {@link #execute}
   */
  public boolean await(Attempt attempt) throws InterruptedException {
    while (!isStopped()) {
      try {
        long started = nanos.getAsLong();
        interruptible(
            () -> {
              attempt.execute();
              return true;
            });
        took = Duration.ofNanos(nanos.getAsLong() - started);
        succeeded();
        return true;
      } catch (Exception e) {
        // Scala throws an InterruptedException too.
        Failure failure = explain.apply(e);
        if (isStopped() && (interrupted || Patience.mayEnd(failure))) {
          return false;
        }
        if (!patience.isWaiting()) {
          pace.waits();
          // What has come meanwhile would be told as the backlog of a loop that keeps up again.
          wasBehind = false;
          reason = null;
        }
        Optional<Duration> pause =
            mayBeWrong(failure) ? Optional.empty() : patience.failed(failure);
        if (pause.isEmpty()) {
          throw e;
        }
        retries++;
        tell(failure, pause.get());
        listener.changed(status());
        stop.await(pause.get().toNanos(), TimeUnit.NANOSECONDS);
      }
    }
    return false;
  }

  /**
   * Whether a wait may be in vain: the address of the service may be wrong, or what is wrong may
   * have been so from the start.
   */
  private boolean mayBeWrong(Failure failure) {
    return !hasRun && (failure.kind() == Kind.UNREACHABLE || failure.mayPass());
  }

  private void tell(Failure failure, Duration pause) {
    if (isAnother(failure)) {
      listener.waits(failure, pause);
    }
    reason = failure;
    LOG.info(
        "Attempt {} has failed, the next in {} ms: {}",
        retries,
        pause.toMillis(),
        failure.forTheLog());
  }

  private boolean isAnother(Failure failure) {
    return reason == null
        || reason.kind() != failure.kind()
        || !reason.getMessage().equals(failure.getMessage());
  }

  /**
   * Does some work, and returns what it returns. If the loop is asked to stop, the work is
   * interrupted after some seconds: clients may try for minutes until a service answers, and the
   * next process does the maintenance. A batch is interrupted only while the loop waits for a
   * service, because that service may be away again.
   */
  private boolean interruptible(BooleanSupplier work) {
    mayInterrupt = true;
    CountDownLatch ended = new CountDownLatch(1);
    Thread worker = Thread.currentThread();
    Thread interrupter = new Thread(() -> interruptAfterStop(worker, ended), "stop");
    interrupter.setDaemon(true);
    interrupter.start();
    try {
      return work.getAsBoolean();
    } finally {
      synchronized (ended) {
        ended.countDown();
      }
      interrupter.interrupt();
      if (interrupted) {
        Thread.interrupted();
      }
    }
  }

  private void interruptAfterStop(Thread worker, CountDownLatch ended) {
    try {
      stop.await();
      ended.await(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return;
    }
    synchronized (ended) {
      if (ended.getCount() > 0 && (mayInterrupt || patience.isWaiting())) {
        interrupted = true;
        worker.interrupt();
      }
    }
  }

  @Override
  public void planned(long offsets) {
    mayInterrupt = false;
    pace.planned(offsets);
    if (pace.isBehind() != wasBehind) {
      wasBehind = pace.isBehind();
      listener.fallsBehind(wasBehind, status());
      listener.changed(status());
    }
  }

  @Override
  public void batch(BatchReport batch) {
    hasRun = true;
    pace.batch(batch, clock.getAsLong());
    succeeded();
    // A run of many batches takes long.
    listener.changed(status());
  }

  private void succeeded() {
    patience.reached().ifPresent(listener::goesOn);
  }

  private boolean isStopped() {
    return stop.getCount() == 0;
  }

  private LoopStatus status() {
    pace.forget(clock.getAsLong());
    State state =
        patience.isWaiting() ? State.WAITING : pace.isBehind() ? State.BEHIND : State.RUNNING;
    return new LoopStatus(
        state,
        patience.since(),
        pace.lastLatency(),
        pace.greatestLatency(),
        pace.lastBatch(),
        pace.longestBatch(),
        trigger,
        pace.backlog(),
        pace.backlogTime(),
        pace.lastCommit(),
        retries,
        maintenanceFailures);
  }
}

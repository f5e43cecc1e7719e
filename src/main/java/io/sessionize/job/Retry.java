package io.sessionize.job;

import java.util.Optional;

/**
 * Decodes rejected records again, from the rejected table and not from Kafka, and restates the
 * users of those that are events now. It can be repeated at any time. It moves neither the offsets
 * of the tables nor the watermark.
 *
 * @param <R> records as the source gives them
 */
public final class Retry<R> {
  private final Store<R> store;
  private final Job job;
  private final CrashPoint.Probe probe;

  public Retry(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /**
   * Takes in the records that are events now. The others stay as they are.
   *
   * @param reason why they were rejected; empty for all reasons
   * @param apply false to write nothing and report what would change
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public Backfilled execute(Optional<String> reason, boolean apply) {
    new DefinitionIntake(store, job).execute(apply);
    return new Batch<>(store, job, probe).retry(reason, apply);
  }
}

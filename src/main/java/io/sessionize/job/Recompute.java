package io.sessionize.job;

/**
 * Recreates sessions from their stored events, without Kafka, for example with a new timeout,
 * maximum or boundary rule.
 *
 * @param <R> records as the source gives them
 */
public final class Recompute<R> {
  /** The branch of the sessions table that holds the last {@code --what-if}. */
  public static final String WHAT_IF = "what_if";

  private final Store<R> store;
  private final Job job;
  private final CrashPoint.Probe probe;

  /**
   * @param job with the new rules
   */
  public Recompute(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /**
   * Recreates the sessions.
   *
   * @param apply false to keep the result on branch {@value #WHAT_IF} and not change {@code main}
   */
  public Recomputed execute(Recomputation what, boolean apply) {
    return new Batch<>(store, job, probe).recompute(what, apply ? null : WHAT_IF);
  }
}

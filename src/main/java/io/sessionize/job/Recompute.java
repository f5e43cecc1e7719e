package io.sessionize.job;

/**
 * Recreates stored sessions from the events that they hold, without Kafka: under a changed timeout,
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
   * @param job with the rules to be used from now on
   */
  public Recompute(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /**
   * Recreates the sessions.
   *
   * @param apply false to leave {@code main} alone and keep the result on branch {@value #WHAT_IF}
   */
  public Recomputed execute(Recomputation what, boolean apply) {
    return new Batch<>(store, job, probe).recompute(what, apply ? null : WHAT_IF);
  }
}

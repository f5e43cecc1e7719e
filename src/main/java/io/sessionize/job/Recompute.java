package io.sessionize.job;

/**
 * Recreates sessions from their stored events, without Kafka, for example with a new timeout,
 * maximum or boundary rule.
 *
 * @param <R> records as the source gives them
 */
public final class Recompute<R> {
  /** The branch of the sessions table on which {@code --what-if} keeps its result. */
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
    if (!apply) {
      return whatIf(what, WHAT_IF);
    }
    new DefinitionIntake(store, job).executeForRecompute(what.isWhole());
    return new Batch<>(store, job, probe).recompute(what, null);
  }

  /**
   * Recreates the sessions on a branch, and does not change {@code main}.
   *
   * @param branch replaced if it exists
   */
  public Recomputed whatIf(Recomputation what, String branch) {
    new DefinitionIntake(store, job).executeForRecompute(false);
    return new Batch<>(store, job, probe).recompute(what, branch);
  }
}

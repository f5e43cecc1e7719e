package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Definitions;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;

/**
 * Records a changed definition in existing tables, before a batch uses it. Each batch checks that
 * its base has it.
 */
record DefinitionIntake(Store<?> store, Job job) {

  /**
   * Records the definition of the job, if the tables do not have it.
   *
   * @param apply false for a dry run
   * @throws Failure of usage, if the tables cannot take it in, or may not in a dry run
   */
  void execute(boolean apply) {
    Base base = store.base();
    if (isDone(base, job)) {
      return;
    }
    if (!apply) {
      throw Failure.usage(
          "--dry-run writes nothing, so the tables cannot take in the changed definition: give it to a run or a"
              + " backfill first, or omit --definition.");
    }
    Progress last = base.progress();
    Rules rules = job.rules().apply(Rules.parse(base.open().rules()));
    store.create(RunSummary.start(Version.TEXT, last.topics(), rules), job.definition());
  }

  /**
   * Checks the base of a batch. Another driver may have taken in a definition since this one began.
   *
   * @throws Failure conflict, if the base does not have the definition of the job
   */
  static void requireDone(Base base, Job job) {
    if (!isDone(base, job)) {
      throw Failure.conflict(
          null,
          "%s has not taken in the given definition, or has lost it since this command began: run again.",
          job.names().table());
    }
  }

  /**
   * Checks the base of a recompute.
   *
   * @throws Failure of usage, if the definition of the job is another one
   */
  static void requireUnchanged(Base base, Job job) {
    if (!isDone(base, job)) {
      throw Failure.usage(
          "recompute reads no records, so the tables take in no changed definition: give it to a run or a backfill first.");
    }
  }

  private static boolean isDone(Base base, Job job) {
    Definitions due =
        job.definition().takenInto(base.definitions(), base.progress().topics().keySet());
    return due.number() == base.definitions().number();
  }
}

package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Definitions;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
    requireAllTopics(base);
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

  /** Only a run drops a topic. */
  private void requireAllTopics(Base base) {
    Set<String> missing = new TreeSet<>(base.progress().topics().keySet());
    job.definition().optional().ifPresent(given -> missing.removeAll(given.topics().keySet()));
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "--definition lacks topic %s of the tables: add it, or drop it with run --drop-topic.",
          String.join(", ", missing));
    }
  }

  /**
   * Refuses a definition before it is taken in, since a run that is refused changes nothing.
   *
   * @param current base; empty for new tables
   * @param read topics
   * @throws Failure of usage, if the tables cannot take the definition in
   */
  static void requireAllowed(Job job, Optional<Base> current, Set<String> read) {
    current.ifPresentOrElse(base -> due(base, job), () -> job.definition().first(read));
  }

  private static boolean isDone(Base base, Job job) {
    return due(base, job).number() == base.definitions().number();
  }

  private static Definitions due(Base base, Job job) {
    Progress progress = base.progress();
    Definitions recorded = base.definitions();
    return job.definition().takenInto(recorded, progress.topics().keySet(), progress.hasRead());
  }
}

package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Definitions;
import io.sessionize.event.GivenDefinition;
import io.sessionize.session.Property;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Records a changed definition, and changed session columns, in existing tables, before a batch
 * uses them. Each batch checks that its base has them.
 */
record DefinitionIntake(Store<?> store, Job job) {

  /**
   * Records the definition and the session columns of the job, if the tables do not have them.
   *
   * @param apply false for a dry run
   * @throws Failure of usage, if the tables cannot take them in, or may not in a dry run
   */
  void execute(boolean apply) {
    Base base = store.base();
    if (isDone(base, job)) {
      return;
    }
    if (!hasDefinition(base, job)) {
      requireAllTopics(base);
      requirePropertiesOfRules(base, job);
    }
    if (!apply) {
      throw Failure.usage(
          "--dry-run writes nothing, so the tables cannot take in the changed definition: give it to a run or a"
              + " backfill first, or omit --definition.");
    }
    takeIn(base, job.definition(), false);
  }

  /**
   * Records the session columns of a recompute, whose expressions may have changed.
   *
   * @param makesAllRows whether it makes all rows again, and publishes them
   * @throws Failure of usage, if the tables cannot take them in
   */
  void executeForRecompute(boolean makesAllRows) {
    Base base = store.base();
    requireUnchanged(base, job);
    boolean areUsed = job.columns().areUsed(base.columns());
    if (!job.columns().isGiven() || areUsed && !makesAllRows) {
      return;
    }
    if (!makesAllRows) {
      throw Failure.usage(
          "--definition changes the session columns, and this recompute does not make all rows again: give it to"
              + " recompute --columns-only first, or omit --definition.");
    }
    // A recompute that is refused changes nothing.
    Rules rules = base.rulesOfRecompute(job.rules(), job.names().table());
    rules.validate();
    store.requireConditions(base, rules);
    takeIn(base, GivenDefinition.NONE, true);
  }

  private void takeIn(Base base, GivenDefinition definition, boolean remakes) {
    Rules rules = job.rules().apply(Rules.parse(base.open().rules()));
    store.create(
        RunSummary.start(Version.TEXT, base.progress().topics(), rules),
        definition,
        job.columns(),
        remakes);
  }

  /**
   * Checks the base of a batch. Another driver may have taken in a definition since this one began.
   *
   * @throws Failure conflict, if the base does not have the definition or the session columns of
   *     the job
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
    if (!hasDefinition(base, job)) {
      throw Failure.usage(
          "recompute reads no records, so the tables take in no changed definition: give it to a run or a backfill first,"
              + " without rules that the tables do not have, then to recompute with them.");
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
    current.ifPresentOrElse(
        base -> {
          if (!hasDefinition(base, job)) {
            requirePropertiesOfRules(base, job);
          }
        },
        () -> job.definition().first(read));
  }

  /** Without its property, a rule would split no more, and nobody would notice. */
  private static void requirePropertiesOfRules(Base base, Job job) {
    Set<String> missing = new TreeSet<>(Rules.parse(base.open().rules()).changes());
    job.definition().optional().stream()
        .flatMap(given -> given.properties().stream())
        .map(Property::name)
        .forEach(missing::remove);
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "--definition lacks property %s, which rule changes of the tables names: add it, or recompute without this rule"
              + " first.",
          String.join(", ", missing));
    }
  }

  private static boolean isDone(Base base, Job job) {
    return hasDefinition(base, job) && job.columns().areUsed(base.columns());
  }

  private static boolean hasDefinition(Base base, Job job) {
    return due(base, job).number() == base.definitions().number();
  }

  private static Definitions due(Base base, Job job) {
    Progress progress = base.progress();
    Definitions recorded = base.definitions();
    return job.definition().takenInto(recorded, progress.topics().keySet(), progress.hasRead());
  }
}

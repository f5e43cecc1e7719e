package io.sessionize.job;

import io.sessionize.Version;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables as a run finds them, which may be missing, with the checks before the first batch.
 *
 * @param base empty, if there is no commit point yet
 * @param start summary of the first commit of new tables
 * @param last the commit point; {@code start} without one
 */
record Beginning(Optional<Base> base, RunSummary start, RunSummary last) {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

  /**
   * Finds the tables. Changes nothing.
   *
   * @param known topics that new tables record
   */
  static Beginning of(Store<?> store, KafkaTopics known, Job job) {
    Optional<Base> base = store.find();
    Rules rules =
        job.rules()
            .apply(
                base.map(Base::open)
                    .map(RunSummary::rules)
                    .map(Rules::parse)
                    .orElse(Rules.DEFAULT));
    RunSummary start = RunSummary.start(Version.TEXT, known.ids(), rules);
    return new Beginning(base, start, base.map(Base::open).orElse(start));
  }

  /**
   * Checks that a run can continue with the tables.
   *
   * @param topics described after the tables were found: another driver may move the tables up to
   *     records that have just arrived
   * @throws io.sessionize.Failure if it cannot
   */
  void require(KafkaTopics topics, Job job, boolean failOnDataLoss) {
    base.ifPresent(found -> found.requireSettled(job.names().table()));
    Continuity.check(last, topics, job, failOnDataLoss);
  }

  /**
   * Checks that the tables can take in the job's definition and session columns. Logs which topics
   * are new to them.
   *
   * @throws io.sessionize.Failure of usage, if they cannot
   */
  void requireTakesIn(Store<?> store, KafkaTopics topics, Job job) {
    DefinitionIntake.requireAllowed(job, base, topics.names());
    store.requireTakesIn(start, job.definition(), job.columns());
    logChanges(topics);
  }

  private void logChanges(KafkaTopics topics) {
    Set<String> recorded = last.requireProgress().topics().keySet();
    topics.names().stream()
        .filter(name -> !recorded.contains(name))
        .forEach(
            name ->
                LOG.info(
                    "Topic {} is new to the tables: it is read from {}",
                    name,
                    topics.earliest().ofTopics(Set.of(name))));
    recorded.stream()
        .filter(name -> !topics.names().contains(name))
        .forEach(name -> LOG.info("Topic {} is dropped: its events stay", name));
  }

  /** Creates what is missing, and lets the tables take in the job's definition and columns. */
  void create(Store<?> store, Job job) {
    store.create(start, job.definition(), job.columns(), false);
  }
}

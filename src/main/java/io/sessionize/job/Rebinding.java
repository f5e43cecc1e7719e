package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds the tables to another topic with the same events (a mirror, a restored or recreated topic,
 * another cluster), or to the same topic at other offsets. The next run reads on from there. Events
 * that the tables hold count once, if they have event ids.
 *
 * <p>It can be repeated at any time, also after a crash.
 *
 * @param <R> records as the source gives them
 */
public final class Rebinding<R> {
  private static final Logger LOG = LoggerFactory.getLogger(Rebinding.class);

  private final Store<R> store;
  private final Source<R> source;
  private final Job job;
  private final CrashPoint.Probe probe;

  public Rebinding(Store<R> store, Source<R> source, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.source = source;
    this.job = job;
    this.probe = probe;
  }

  /**
   * The binding that was made.
   *
   * @param topics that the tables read now
   * @param from the offsets at which the next run begins
   * @param checkpointSetAside new location of the old checkpoint; empty if there was none
   */
  public record Bound(KafkaTopics topics, Offsets from, Optional<String> checkpointSetAside) {}

  /**
   * Binds the tables.
   *
   * @param given the offsets at which the next run begins. Other partitions of these topics begin
   *     at their first record, and other topics continue; without offsets, all topics are bound
   * @param mayDouble whether events without event ids may count twice
   * @throws Failure of usage, if events may count twice, or the offsets are not those of the topic;
   *     broken, if Kafka has deleted them
   */
  public Bound execute(Offsets given, boolean mayDouble) {
    KafkaTopics topics = source.describe();
    topics.requireHolds(new OffsetRange(given, topics.latest().atLeast(given).only(given)));
    Base base = store.base();
    requireSameJob(base, job);
    Progress before = base.progress();
    KafkaTopics bound = given.isEmpty() ? topics : topics.only(given.topics()::contains);
    KafkaTopics kept = topics.only(name -> !bound.names().contains(name));
    requireTopics(before, topics, kept);
    Offsets from = given.orElse(bound.earliest()).orElse(kept.next(before.next()));
    if (!mayDouble) {
      // Also if the topic ends there: a mirror may still be copying.
      requireEventIds(base, bound);
    }
    // After all checks. A crash from here on leaves tables without a checkpoint, as a new machine.
    Optional<String> aside =
        source.hasCheckpoint() ? Optional.of(source.setCheckpointAside()) : Optional.empty();
    new Batch<>(store, job, probe).rebind(topics, from, kept.names());
    LOG.info(
        "{} is bound to topics {} from {}; before: {} at {}",
        job.names().table(),
        topics.ids(),
        from,
        before.topics(),
        before.next());
    return new Bound(topics, from, aside);
  }

  /** One topic may replace another. Of several, one that is no longer read must be dropped. */
  private void requireTopics(Progress before, KafkaTopics topics, KafkaTopics kept) {
    if (before.topics().size() > 1 || topics.names().size() > 1) {
      Continuity.requireTopics(before, topics.names(), job.dropped());
    }
    Continuity.requireIds(before, kept.ids());
  }

  private void requireEventIds(Base base, KafkaTopics topics) {
    long sessions = store.sessionsWithoutEventIds(base);
    if (sessions > 0) {
      throw Failure.usage(
          "%d sessions of %s hold events without event_id. Their ids are topic, partition and offset, so such an event"
              + " counts again if topic %s holds it too, and these sessions may double. Give --from the first offsets"
              + " that the tables lack, and --yes to accept the rest.",
          sessions, job.names().table(), String.join(", ", topics.names()));
    }
  }

  /** Checks all that a run checks, except the topic. Returns the rules of the tables. */
  static Rules requireSameJob(Base base, Job job) {
    base.requireSettled(job.names().table());
    Rules rules = base.open().requireRules(job.rules());
    rules.validate();
    return rules;
  }
}

package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopic;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.util.Map;
import java.util.Optional;

/** Checks whether a run can continue with the tables, the topic and the checkpoint. */
public final class Continuity {
  private Continuity() {}

  /**
   * The failure that would end the next run.
   *
   * @param base the tables as they are now
   * @param topic the current state of their topic
   * @param table its name in messages
   * @return empty, if the run can continue under the recorded rules
   */
  public static Optional<Failure> refusal(Base base, KafkaTopic topic, String table) {
    try {
      base.requireSettled(table);
      requireTopic(base.open(), topic.name(), topic.id());
      topic.requireNext(topic.next(base.next()), true);
      return Optional.empty();
    } catch (Failure refused) {
      return Optional.of(refused);
    }
  }

  /**
   * Checks tables and topic before anything is read or written.
   *
   * @param failOnDataLoss whether lost offsets are a failure
   * @throws Failure of usage, if the tables were made with other rules or from another topic;
   *     broken, if offsets are lost
   */
  static void check(RunSummary last, KafkaTopic topic, Job job, boolean failOnDataLoss) {
    checkSame(last, topic.name(), topic.id(), job);
    topic.requireNext(topic.next(last.requireProgress().next()), failOnDataLoss);
  }

  /**
   * Checks that the tables were made with the rules of this job and from this topic.
   *
   * @return the rules of the tables; their class can be used
   * @throws Failure of usage; broken, if the topic was recreated
   */
  static Rules checkSame(RunSummary last, String topic, String topicId, Job job) {
    Rules rules = last.requireRules(job.rules());
    rules.validate();
    requireTopic(last, topic, topicId);
    return rules;
  }

  private static void requireTopic(RunSummary last, String topic, String topicId) {
    Progress progress = last.requireProgress();
    if (!progress.topic().equals(topic)) {
      throw Failure.usage(
          "The tables were made from topic %s, not %s: use that topic, give another --iceberg-table, or bind the tables"
              + " to %s with run --rebind-topic.",
          progress.topic(), topic, topic);
    }
    if (!progress.isOf(topicId)) {
      throw Failure.broken(
          "Topic %s was deleted and recreated since the last run, or it is on another cluster (id %s, then %s): its"
              + " offsets are now those of other events. Give another --iceberg-table, or bind the tables to it with"
              + " run --rebind-topic.",
          topic, progress.topicId(), topicId);
    }
  }

  /**
   * Checks the position of the checkpoint. Called after the check of the tables, so all data that
   * they lack is in Kafka.
   *
   * @throws Failure of usage, if Kafka has deleted offsets that an old checkpoint would read again
   *     (offset 0 for a partition that it does not name); broken, if the checkpoint belongs to
   *     another topic
   */
  static void check(Offsets position, KafkaTopic topic, String checkpointLocation) {
    if (topic.latest().isBehind(position)) {
      throw Failure.broken(
          "Checkpoint %s is at %s, beyond the end of topic %s at %s: it belongs to another topic."
              + " Give another --checkpoint-location, or delete it; the tables record where to continue.",
          checkpointLocation, position, topic.name(), topic.latest());
    }
    for (Map.Entry<Partition, Long> entry : topic.next(position).next().entrySet()) {
      Long earliest = topic.earliest().next().get(entry.getKey());
      if (earliest != null && entry.getValue() < earliest) {
        throw Failure.usage(
            "Checkpoint %s is at offset %d of partition %d of topic %s, which Kafka has deleted; the tables"
                + " have read it. Delete the checkpoint: the tables record where to continue.",
            checkpointLocation, entry.getValue(), entry.getKey().number(), topic.name());
      }
    }
  }
}

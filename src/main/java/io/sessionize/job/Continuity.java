package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaTopic;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.util.Map;
import java.util.Optional;

/** Judges whether a run may go on from where the tables are. */
public final class Continuity {
  private Continuity() {}

  /**
   * What the next run would end with, in its own words.
   *
   * @param base the tables as they are now
   * @param topic that they were made from, as it is now
   * @param table as people read it
   * @return empty, where it goes on, given the recorded rules
   */
  public static Optional<Failure> refusal(Base base, KafkaTopic topic, String table) {
    try {
      base.requireSettled(table);
      requireTopic(base.open(), topic.name(), topic.id());
      topic.requireNext(topic.next(new Offsets(base.open().next())), true);
      return Optional.empty();
    } catch (Failure refused) {
      return Optional.of(refused);
    }
  }

  /**
   * Checks before anything is read or written.
   *
   * @param failOnDataLoss whether it matters that Kafka has deleted what the tables have not read
   * @throws Failure of usage, where the tables were made by other rules or from another topic;
   *     broken, where what the tables have not read is gone
   */
  static void check(RunSummary last, KafkaTopic topic, Job job, boolean failOnDataLoss) {
    checkSame(last, topic.name(), topic.id(), job);
    topic.requireNext(topic.next(new Offsets(last.next())), failOnDataLoss);
  }

  /**
   * Checks that the tables are this job's, and made from this topic.
   *
   * @throws Failure of usage, or broken, where the topic was made anew
   */
  static void checkSame(RunSummary last, String topic, String topicId, Job job) {
    last.requireRules(job.rules());
    requireTopic(last, topic, topicId);
  }

  private static void requireTopic(RunSummary last, String topic, String topicId) {
    if (!last.topic().equals(topic)) {
      throw Failure.usage(
          "The tables were made from topic %s, not %s: use that, or give another --iceberg-table.",
          last.topic(), topic);
    }
    if (!last.topicId().equals(topicId)) {
      throw Failure.broken(
          "Topic %s was deleted and made anew since the last run (id %s, then %s): its offsets mean other events"
              + " now. Give another --iceberg-table.",
          topic, last.topicId(), topicId);
    }
  }

  /**
   * Checks where the stream would begin to read; called when the tables are known to lack nothing.
   *
   * @throws Failure of usage, where Kafka has deleted what an old checkpoint would read again, the
   *     first records of a partition that it does not name among them; broken, where the checkpoint
   *     is another topic's
   */
  static void check(Offsets position, KafkaTopic topic, String checkpointLocation) {
    if (topic.latest().isBehind(position)) {
      throw Failure.broken(
          "Checkpoint %s stands at %s, beyond the end of topic %s at %s: it belongs to another topic."
              + " Give another --checkpoint-location, or delete it; the tables know where to go on.",
          checkpointLocation, position, topic.name(), topic.latest());
    }
    for (Map.Entry<Integer, Long> entry : topic.next(position).next().entrySet()) {
      Long earliest = topic.earliest().next().get(entry.getKey());
      if (earliest != null && entry.getValue() < earliest) {
        throw Failure.usage(
            "Checkpoint %s stands at offset %d of partition %d of topic %s, which Kafka has deleted; the tables"
                + " have read it. Delete the checkpoint: the tables know where to go on.",
            checkpointLocation, entry.getValue(), entry.getKey(), topic.name());
      }
    }
  }
}

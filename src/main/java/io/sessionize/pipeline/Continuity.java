package io.sessionize.pipeline;

import io.sessionize.Failure;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Offsets;
import io.sessionize.store.RunSummary;
import java.util.Map;

/** Whether a run may go on where the tables stand. */
final class Continuity {
  private Continuity() {}

  /**
   * Checks before anything is read or written.
   *
   * @param failOnDataLoss whether it matters that Kafka has deleted what the tables have not read
   * @throws Failure of usage, where the tables were made by other rules or from another topic;
   *     broken, where what the tables have not read is gone
   */
  static void check(RunSummary last, KafkaTopic topic, Job job, boolean failOnDataLoss) {
    checkSame(last, topic.name(), topic.id(), job);
    for (Map.Entry<Integer, Long> entry : last.next().entrySet()) {
      check(entry.getKey(), entry.getValue(), topic, failOnDataLoss);
    }
  }

  /**
   * Checks that the tables are this job's, and made from this topic.
   *
   * @throws Failure of usage, or broken, where the topic was made anew
   */
  static void checkSame(RunSummary last, String topic, String topicId, Job job) {
    last.requireRules(job.rules());
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
   * @throws Failure of usage, where Kafka has deleted what an old checkpoint would read again;
   *     broken, where the checkpoint is another topic's
   */
  static void check(Offsets position, KafkaTopic topic, String checkpointLocation) {
    if (topic.latest().isBehind(position)) {
      throw Failure.broken(
          "Checkpoint %s stands at %s, beyond the end of topic %s at %s: it belongs to another topic."
              + " Give another --checkpoint-location, or delete it; the tables know where to go on.",
          checkpointLocation, position, topic.name(), topic.latest());
    }
    for (Map.Entry<Integer, Long> entry : position.next().entrySet()) {
      Long earliest = topic.earliest().next().get(entry.getKey());
      if (earliest != null && entry.getValue() < earliest) {
        throw Failure.usage(
            "Checkpoint %s stands at offset %d of partition %d of topic %s, which Kafka has deleted; the tables"
                + " have read it. Delete the checkpoint: the tables know where to go on.",
            checkpointLocation, entry.getValue(), entry.getKey(), topic.name());
      }
    }
  }

  private static void check(int partition, long next, KafkaTopic topic, boolean failOnDataLoss) {
    Long earliest = topic.earliest().next().get(partition);
    Long latest = topic.latest().next().get(partition);
    if (earliest == null) {
      throw Failure.broken(
          "Topic %s has no partition %d any more; the tables have read it up to offset %d.",
          topic.name(), partition, next);
    }
    if (next < earliest && failOnDataLoss) {
      throw Failure.broken(
          "Kafka has deleted offsets [%d, %d) of partition %d of topic %s before they were read: raise the topic's"
              + " retention. --fail-on-data-loss false goes on without them, and records the gap.",
          next, earliest, partition, topic.name());
    }
    if (next > latest) {
      throw Failure.broken(
          "The tables have read partition %d of topic %s up to offset %d, but it ends at %d:"
              + " was the topic restored from a copy?",
          partition, topic.name(), next, latest);
    }
  }
}

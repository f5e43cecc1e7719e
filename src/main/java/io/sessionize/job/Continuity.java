package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaErrors;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work.Command;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Checks whether a run can continue with the tables, the topics and the checkpoint. */
public final class Continuity {
  private Continuity() {}

  /**
   * The failure that would end the next run.
   *
   * @param base the tables as they are now
   * @param topics the current state of their topics
   * @param table its name in messages
   * @return empty, if the run can continue under the recorded rules
   */
  public static Optional<Failure> refusal(Base base, KafkaTopics topics, String table) {
    try {
      base.requireSettled(table);
      requireIds(base.progress(), topics.ids());
      topics.requireNext(topics.next(base.next()), true);
      return Optional.empty();
    } catch (Failure refused) {
      return Optional.of(refused);
    }
  }

  /**
   * Checks tables and topics before anything is read or written.
   *
   * @param failOnDataLoss whether lost offsets are a failure
   * @throws Failure of usage, if the tables were made with other rules or from other topics;
   *     broken, if offsets are lost
   */
  static void check(RunSummary last, KafkaTopics topics, Job job, boolean failOnDataLoss) {
    checkSame(last, topics.ids(), job);
    topics.requireNext(topics.next(last.requireProgress().next()), failOnDataLoss);
  }

  /**
   * Checks rules and topics of a batch.
   *
   * @return the rules of the tables; their class can be used
   * @throws Failure of usage; broken, if a topic was recreated
   */
  static Rules check(RunSummary last, Input<?> input, Job job) {
    return input.work().command() == Command.RUN
        ? checkSame(last, input.topics(), job)
        : checkPart(last, input.topics(), job);
  }

  /**
   * Checks that the tables were made with the rules of this job and from these topics. One may be
   * new. One that is no longer read must be dropped.
   *
   * @param topics id of each topic by its name
   * @return the rules of the tables; their class can be used
   * @throws Failure of usage; broken, if a topic was recreated
   */
  private static Rules checkSame(RunSummary last, Map<String, String> topics, Job job) {
    Rules rules = rules(last, job);
    requireTopics(last.requireProgress(), topics.keySet(), job.dropped());
    requireIds(last.requireProgress(), topics);
    return rules;
  }

  /**
   * Checks that the tables were made with the rules of this job, and from these topics and possibly
   * others.
   *
   * @param topics id of each topic by its name
   * @return the rules of the tables; their class can be used
   * @throws Failure of usage; broken, if a topic was recreated
   */
  static Rules checkPart(RunSummary last, Map<String, String> topics, Job job) {
    Rules rules = rules(last, job);
    Set<String> recorded = last.requireProgress().topics().keySet();
    for (String topic : topics.keySet()) {
      if (!recorded.contains(topic)) {
        throw isOther(recorded, topic);
      }
    }
    requireIds(last.requireProgress(), topics);
    return rules;
  }

  private static Rules rules(RunSummary last, Job job) {
    Rules rules = last.requireRules(job.rules());
    rules.validate();
    return rules;
  }

  /**
   * Checks that no recorded topic is left out by mistake.
   *
   * @param read the topics that the next run reads
   * @param dropped the topics that it is to drop
   * @throws Failure of usage
   */
  static void requireTopics(Progress progress, Set<String> read, Set<String> dropped) {
    for (String topic : dropped) {
      if (read.contains(topic)) {
        throw Failure.usage(
            "--drop-topic %s: the job reads this topic. Take it out of what the job reads, or omit --drop-topic.",
            topic);
      }
    }
    Set<String> recorded = progress.topics().keySet();
    Set<String> left = new TreeSet<>(recorded);
    left.removeAll(read);
    left.removeAll(dropped);
    if (left.isEmpty()) {
      return;
    }
    if (recorded.size() == 1 && read.size() == 1) {
      throw isOther(recorded, read.iterator().next());
    }
    throw Failure.usage(
        "The tables are made from topic %s too, and the job reads only %s. --drop-topic %s ends that, and keeps its"
            + " events. Or read it again.",
        String.join(", ", left), String.join(", ", read), String.join(" --drop-topic ", left));
  }

  private static Failure isOther(Set<String> recorded, String topic) {
    return Failure.usage(
        "The tables were made from topic %s, not %s: use that topic, give another --iceberg-table, or bind the tables"
            + " to %s with run --rebind-topic.",
        String.join(", ", recorded), topic, topic);
  }

  /**
   * Checks that no topic was recreated.
   *
   * @param topics id of each topic by its name
   * @throws Failure broken
   */
  static void requireIds(Progress progress, Map<String, String> topics) {
    topics.forEach(
        (topic, id) -> {
          if (!progress.isOf(topic, id)) {
            throw Failure.broken(
                "Topic %s was deleted and recreated since the last run, or it is on another cluster (id %s, then %s): its"
                    + " offsets are now those of other events. Give another --iceberg-table, or bind the tables to it with"
                    + " run --rebind-topic.",
                topic, progress.topics().get(topic), id);
          }
        });
  }

  /**
   * Checks that a run has not failed because Kafka deleted offsets after it had asked for the
   * earliest ones. If losses are allowed, that is no end: the next run asks again, and records them
   * as lost.
   *
   * @param failed the failure of the run
   * @throws Failure that ends with another attempt
   */
  static void requireNoNewLoss(Exception failed, boolean failOnDataLoss) {
    if (failOnDataLoss) {
      return;
    }
    Failure.chain(failed).stream()
        .filter(KafkaErrors::isDataLoss)
        // The innermost one is of the task that read.
        .reduce((outer, inner) -> inner)
        .ifPresent(
            loss -> {
              throw new Failure(
                  Failure.Kind.OTHER,
                  String.format(
                      "Kafka deleted offsets while they were read (%s): the next attempt records"
                          + " them as lost. Raise the topic's retention, or set"
                          + " --max-offsets-per-trigger, so that a batch is read sooner.",
                      KafkaErrors.line(loss)),
                  failed);
            });
  }

  /**
   * Checks the position of the checkpoint. Called after the check of the tables, so all data that
   * they lack is in Kafka.
   *
   * @throws Failure of usage, if Kafka has deleted offsets that an old checkpoint would read again
   *     (offset 0 for a partition that it does not name); broken, if the checkpoint belongs to
   *     another topic
   */
  static void check(Offsets position, KafkaTopics topics, String checkpointLocation) {
    for (String topic : topics.names()) {
      Offsets at = position.ofTopics(Set.of(topic));
      Offsets end = topics.latest().ofTopics(Set.of(topic));
      if (end.isBehind(at)) {
        throw Failure.broken(
            "Checkpoint %s is at %s, beyond the end of topic %s at %s: it belongs to another topic."
                + " Give another --checkpoint-location, or delete it; the tables record where to continue.",
            checkpointLocation, at, topic, end);
      }
    }
    for (Map.Entry<Partition, Long> entry : topics.next(position).next().entrySet()) {
      Long earliest = topics.earliest().next().get(entry.getKey());
      if (earliest != null && entry.getValue() < earliest) {
        throw Failure.usage(
            "Checkpoint %s is at offset %d of partition %d of topic %s, which Kafka has deleted; the tables"
                + " have read it. Delete the checkpoint: the tables record where to continue.",
            checkpointLocation, entry.getValue(), entry.getKey().number(), entry.getKey().topic());
      }
    }
  }
}

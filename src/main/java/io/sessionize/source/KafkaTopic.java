package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * One topic as it stands on the brokers now.
 *
 * @param name its name
 * @param id changes when the topic is deleted and made anew
 * @param earliest the first offset that each partition still holds
 * @param latest where each partition ends for who reads it: an open transaction ends it, where only
 *     what is committed is read
 */
public record KafkaTopic(String name, String id, Offsets earliest, Offsets latest) {

  /**
   * Asks the brokers.
   *
   * @throws Failure unreachable; usage, where there is no such topic or the settings are no good
   */
  public static KafkaTopic describe(KafkaConnection connection, String topic) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(connection, topic, admin -> describe(admin, topic, isolation));
  }

  /**
   * Asks the brokers for a topic that may be gone.
   *
   * @throws Failure unreachable; usage, where the settings are no good
   */
  public static Optional<KafkaTopic> find(KafkaConnection connection, String topic) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(
        connection,
        topic,
        admin -> {
          try {
            return Optional.of(describe(admin, topic, isolation));
          } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  private static KafkaTopic describe(Admin admin, String topic, IsolationLevel isolation)
      throws InterruptedException, ExecutionException {
    TopicDescription description =
        admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    List<Integer> partitions =
        description.partitions().stream().map(TopicPartitionInfo::partition).toList();
    return new KafkaTopic(
        topic,
        description.topicId().toString(),
        offsets(admin, topic, partitions, OffsetSpec.earliest(), isolation),
        offsets(admin, topic, partitions, OffsetSpec.latest(), isolation));
  }

  /**
   * Where those go on who have read up to some offsets. A partition that they do not name begins at
   * 0: what Kafka has deleted of it was deleted before they have read it. Who has read none at all
   * begins with what there is.
   */
  public Offsets next(Offsets reached) {
    if (reached.equals(Offsets.NONE)) {
      return earliest;
    }
    Map<Integer, Long> zeros = new TreeMap<>();
    latest.next().keySet().forEach(partition -> zeros.put(partition, 0L));
    return reached.orElse(new Offsets(zeros));
  }

  /**
   * Checks that it holds what the tables have not read.
   *
   * @param next where they go on
   * @param all whether it matters that some of it is deleted
   * @throws Failure broken, where it does not
   */
  public void requireNext(Offsets next, boolean all) {
    next.next().forEach((partition, offset) -> requireNext(partition, offset, all));
  }

  private void requireNext(int partition, long next, boolean all) {
    Long first = earliest.next().get(partition);
    Long end = latest.next().get(partition);
    if (first == null) {
      throw Failure.broken(
          "Topic %s has no partition %d any more; the tables have read it up to offset %d.",
          name, partition, next);
    }
    if (next < first && all) {
      throw Failure.broken(
          "Kafka has deleted offsets [%d, %d) of partition %d of topic %s before they were read: raise the topic's"
              + " retention. --fail-on-data-loss false goes on without them, and records the gap.",
          next, first, partition, name);
    }
    if (next > end) {
      throw Failure.broken(
          "The tables have read partition %d of topic %s up to offset %d, but it ends at %d:"
              + " was the topic restored from a copy?",
          partition, name, next, end);
    }
  }

  /**
   * The offset in each partition of the first record that was sent at or after a time; the end of
   * the partition where there is none.
   *
   * @throws Failure unreachable
   */
  public Offsets at(KafkaConnection connection, Instant time) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(
        connection,
        name,
        admin -> {
          Map<Integer, Long> found =
              new TreeMap<>(
                  offsets(
                          admin,
                          name,
                          latest.next().keySet(),
                          OffsetSpec.forTimestamp(time.toEpochMilli()),
                          isolation)
                      .next());
          found.replaceAll(
              (partition, offset) -> offset < 0 ? latest.next().get(partition) : offset);
          return new Offsets(found);
        });
  }

  /**
   * Checks that Kafka holds all of a range.
   *
   * @throws Failure broken, where some of it is deleted; of usage, where some does not exist yet
   */
  public void requireHolds(OffsetRange range) {
    OffsetRange held = new OffsetRange(earliest, latest);
    range
        .from()
        .next()
        .forEach(
            (partition, first) -> {
              Long begin = earliest.next().get(partition);
              if (begin == null) {
                throw Failure.usage(
                    "Topic %s has no partition %d: it holds %s.", name, partition, held);
              }
              long next = range.to().next().get(partition);
              if (first < begin && first < next) {
                throw Failure.broken(
                    "Kafka no longer holds offsets [%d, %d) of partition %d of topic %s: it holds %s.",
                    first, Math.min(begin, next), partition, name, held);
              }
              if (next > latest.next().get(partition)) {
                throw Failure.usage(
                    "Partition %d of topic %s does not reach offset %d yet: it holds %s.",
                    partition, name, next, held);
              }
            });
  }

  /** The part of a range that Kafka does not hold, from its first to its last missing offset. */
  public OffsetRange missing(OffsetRange range) {
    Map<Integer, Long> begin = new TreeMap<>();
    Map<Integer, Long> end = new TreeMap<>();
    range
        .from()
        .next()
        .forEach(
            (partition, first) -> {
              long next = range.to().next().get(partition);
              long kept = earliest.next().getOrDefault(partition, next);
              long last = latest.next().getOrDefault(partition, next);
              long missing = first < kept ? first : Math.max(first, last);
              long held = next > last ? next : Math.min(kept, next);
              if (missing < held) {
                begin.put(partition, missing);
                end.put(partition, held);
              }
            });
    return new OffsetRange(new Offsets(begin), new Offsets(end));
  }

  /** The range with all partitions of the topic: nothing is read of those that it does not name. */
  public OffsetRange withAllPartitions(OffsetRange range) {
    return new OffsetRange(range.from().orElse(earliest), range.to().orElse(earliest));
  }

  private interface Question<T> {
    T ask(Admin admin) throws InterruptedException, ExecutionException;
  }

  private static <T> T ask(KafkaConnection connection, String topic, Question<T> question) {
    try (Admin admin = connection.admin()) {
      return question.ask(admin);
    } catch (ExecutionException e) {
      throw explain(e.getCause(), connection, topic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.unreachable(e, "Interrupted while asking Kafka for topic %s.", topic);
    }
  }

  private static Offsets offsets(
      Admin admin,
      String topic,
      Collection<Integer> partitions,
      OffsetSpec spec,
      IsolationLevel isolation)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(new TopicPartition(topic, partition), spec));
    Map<Integer, Long> offsets = new TreeMap<>();
    admin
        .listOffsets(wanted, new ListOffsetsOptions(isolation))
        .all()
        .get()
        .forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
    return new Offsets(offsets);
  }

  private static RuntimeException explain(
      Throwable cause, KafkaConnection connection, String topic) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return Failure.usage(
          "There is no topic %s at %s: make it, or give another --kafka-topic.",
          topic, connection.servers());
    }
    if (cause instanceof RetriableException) {
      return connection.silence(cause);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}

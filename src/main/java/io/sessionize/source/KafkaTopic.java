package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
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
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The current state of one topic on the brokers.
 *
 * @param name its name
 * @param id changes when the topic is recreated
 * @param earliest the first offset of each partition
 * @param latest the end offset of each partition; with isolation level {@code read_committed}
 *     before the first open transaction
 */
public record KafkaTopic(String name, String id, Offsets earliest, Offsets latest) {

  /**
   * Asks the brokers for a topic.
   *
   * @throws Failure unreachable; usage, if there is no such topic or the settings are wrong
   */
  public static KafkaTopic describe(KafkaConnection connection, String topic) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(connection, topic, admin -> describe(admin, topic, isolation));
  }

  /**
   * Asks the brokers for a topic that may not exist.
   *
   * @throws Failure unreachable; usage, if the settings are wrong
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
    List<Partition> partitions =
        description.partitions().stream()
            .map(info -> new Partition(topic, info.partition()))
            .toList();
    return new KafkaTopic(
        topic,
        description.topicId().toString(),
        offsets(admin, topic, partitions, OffsetSpec.earliest(), isolation),
        offsets(admin, topic, partitions, OffsetSpec.latest(), isolation));
  }

  /**
   * The offsets at which a reader continues. A new partition begins at 0, so that offsets which
   * Kafka has deleted count as lost. A reader without offsets begins at the earliest ones.
   */
  public Offsets next(Offsets reached) {
    if (reached.equals(Offsets.NONE)) {
      return earliest;
    }
    Map<Partition, Long> zeros = new TreeMap<>();
    latest.next().keySet().forEach(partition -> zeros.put(partition, 0L));
    return reached.orElse(new Offsets(zeros));
  }

  /**
   * Checks that the topic has the offsets that the tables read next.
   *
   * @param next offsets that the tables read next
   * @param all whether lost offsets are a failure
   * @throws Failure broken, if it has not
   */
  public void requireNext(Offsets next, boolean all) {
    next.next().forEach((partition, offset) -> requireNext(partition, offset, all));
  }

  private void requireNext(Partition partition, long next, boolean all) {
    Long first = earliest.next().get(partition);
    Long end = latest.next().get(partition);
    if (first == null) {
      throw Failure.broken(
          "Topic %s no longer has partition %d; the tables have read it up to offset %d.",
          name, partition.number(), next);
    }
    if (next < first && all) {
      throw Failure.broken(
          "Kafka has deleted offsets [%d, %d) of partition %d of topic %s before they were read: raise the topic's"
              + " retention. --fail-on-data-loss false continues without them and records the lost range.",
          next, first, partition.number(), name);
    }
    if (next > end) {
      throw Failure.broken(
          "The tables have read partition %d of topic %s up to offset %d, but it ends at %d:"
              + " was the topic restored from a copy? Then bind the tables to it with run --rebind-topic.",
          partition.number(), name, next, end);
    }
  }

  /**
   * The offset of the first record of each partition with a timestamp at or after a time; the end
   * of the partition if there is none.
   *
   * @throws Failure unreachable
   */
  public Offsets at(KafkaConnection connection, Instant time) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(
        connection,
        name,
        admin -> {
          Map<Partition, Long> found =
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
   * Checks that Kafka has all offsets of a range.
   *
   * @throws Failure broken, if some are deleted; of usage, if some do not exist yet
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
                    "Topic %s has no partition %d: it holds %s.", name, partition.number(), held);
              }
              long next = range.to().next().get(partition);
              if (first < begin && first < next) {
                throw Failure.broken(
                    "Kafka no longer holds offsets [%d, %d) of partition %d of topic %s: it holds %s.",
                    first, Math.min(begin, next), partition.number(), name, held);
              }
              if (next > latest.next().get(partition)) {
                throw Failure.usage(
                    "Partition %d of topic %s does not reach offset %d yet: it holds %s.",
                    partition.number(), name, next, held);
              }
            });
  }

  /** The offsets of a range that Kafka does not have, from the first to the last missing one. */
  public OffsetRange missing(OffsetRange range) {
    Map<Partition, Long> begin = new TreeMap<>();
    Map<Partition, Long> end = new TreeMap<>();
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

  /** The range with all partitions of the topic; added partitions have an empty range. */
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
      Collection<Partition> partitions,
      OffsetSpec spec,
      IsolationLevel isolation)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(
        partition -> wanted.put(new TopicPartition(topic, partition.number()), spec));
    Map<Partition, Long> offsets = new TreeMap<>();
    admin
        .listOffsets(wanted, new ListOffsetsOptions(isolation))
        .all()
        .get()
        .forEach(
            (partition, info) ->
                offsets.put(new Partition(topic, partition.partition()), info.offset()));
    return new Offsets(offsets);
  }

  private static RuntimeException explain(
      Throwable cause, KafkaConnection connection, String topic) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return Failure.usage(
          "There is no topic %s at %s: create it, or give another --kafka-topic.",
          topic, connection.servers());
    }
    if (cause instanceof RetriableException) {
      return connection.noAnswer(cause);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}

package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The current state of the topics that a job reads, on the brokers.
 *
 * @param ids id of each topic by its name; it changes when the topic is recreated
 * @param earliest the first offset of each partition
 * @param latest the end offset of each partition; with isolation level {@code read_committed}
 *     before the first open transaction
 */
public record KafkaTopics(SortedMap<String, String> ids, Offsets earliest, Offsets latest) {

  public KafkaTopics {
    ids = Collections.unmodifiableSortedMap(new TreeMap<>(ids));
  }

  /** One topic. */
  public KafkaTopics(String name, String id, Offsets earliest, Offsets latest) {
    this(new TreeMap<>(Map.of(name, id)), earliest, latest);
  }

  /**
   * Asks the brokers for topics.
   *
   * @throws Failure unreachable; usage, if one of them does not exist (or a broker does not know it
   *     at the moment) or the settings are wrong
   */
  public static KafkaTopics describe(KafkaConnection connection, Set<String> names) {
    return existing(find(connection, names), connection, names);
  }

  /**
   * Asks the brokers for topics.
   *
   * @param admin a client of this connection, which stays open
   * @throws Failure as {@link #describe(KafkaConnection, Set)}
   */
  public static KafkaTopics describe(Admin admin, KafkaConnection connection, Set<String> names) {
    IsolationLevel isolation = connection.isolationLevel();
    KafkaTopics found = ask(admin, connection, names, open -> find(open, names, isolation));
    return existing(found, connection, names);
  }

  private static KafkaTopics existing(
      KafkaTopics found, KafkaConnection connection, Set<String> names) {
    found
        .missing(connection, names)
        .ifPresent(
            missing -> {
              throw missing;
            });
    return found;
  }

  /**
   * Asks the brokers for topics that may not exist.
   *
   * @return those that exist
   * @throws Failure unreachable; usage, if the settings are wrong
   */
  public static KafkaTopics find(KafkaConnection connection, Set<String> names) {
    IsolationLevel isolation = connection.isolationLevel();
    return ask(connection, names, admin -> find(admin, names, isolation));
  }

  private static KafkaTopics find(Admin admin, Set<String> names, IsolationLevel isolation)
      throws InterruptedException, ExecutionException {
    SortedMap<String, String> ids = new TreeMap<>();
    Set<Partition> partitions = new TreeSet<>();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
        admin.describeTopics(names).topicNameValues().entrySet()) {
      try {
        TopicDescription description = topic.getValue().get();
        ids.put(topic.getKey(), description.topicId().toString());
        description
            .partitions()
            .forEach(info -> partitions.add(new Partition(topic.getKey(), info.partition())));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return new KafkaTopics(
        ids,
        offsets(admin, partitions, OffsetSpec.earliest(), isolation),
        offsets(admin, partitions, OffsetSpec.latest(), isolation));
  }

  /** The names of the topics, sorted. */
  public Set<String> names() {
    return ids.keySet();
  }

  /** Those of the topics that meet a condition. */
  public KafkaTopics only(Predicate<String> name) {
    SortedMap<String, String> some = new TreeMap<>(ids);
    some.keySet().removeIf(name.negate());
    return new KafkaTopics(some, earliest.ofTopics(some.keySet()), latest.ofTopics(some.keySet()));
  }

  /**
   * The offsets at which a reader of these topics continues. A new partition of a topic that it has
   * read begins at 0, so that offsets which Kafka has deleted count as lost. A topic that it has
   * not read begins at its earliest offsets.
   */
  public Offsets next(Offsets reached) {
    Set<String> read = reached.topics();
    Map<Partition, Long> begin = new TreeMap<>(earliest.next());
    begin.replaceAll((partition, first) -> read.contains(partition.topic()) ? 0L : first);
    return reached.ofTopics(names()).orElse(new Offsets(begin));
  }

  /**
   * Checks that the topics have the offsets that the tables read next.
   *
   * @param next offsets that the tables read next
   * @param all whether lost offsets are a failure
   * @throws Failure broken, if they have not
   */
  public void requireNext(Offsets next, boolean all) {
    next.next().forEach((partition, offset) -> requireNext(partition, offset, all));
  }

  private void requireNext(Partition partition, long next, boolean all) {
    String name = partition.topic();
    Long first = earliest.next().get(partition);
    Long end = latest.next().get(partition);
    if (first == null) {
      throw Failure.broken(
          "Topic %s no longer has partition %d; the tables have read it up to offset %d.",
          name, partition.number(), next);
    }
    if (next < first && all) {
      throw Failure.broken(
          "Kafka has deleted offsets [%d, %d) of partition %d of topic %s before they were read:"
              + " raise the topic's retention. --fail-on-data-loss false continues without them and"
              + " records the lost range.",
          next, first, partition.number(), name);
    }
    if (next > end) {
      throw Failure.broken(
          "The tables have read partition %d of topic %s up to offset %d, but it ends at %d: was"
              + " the topic restored from a copy? Then bind the tables to it with run"
              + " --rebind-topic.",
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
        names(),
        admin -> {
          Map<Partition, Long> found =
              new TreeMap<>(
                  offsets(
                          admin,
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
    range
        .from()
        .next()
        .forEach(
            (partition, first) -> {
              String name = partition.topic();
              OffsetRange held =
                  new OffsetRange(earliest.ofTopics(Set.of(name)), latest.ofTopics(Set.of(name)));
              Long begin = earliest.next().get(partition);
              if (begin == null) {
                throw Failure.usage(
                    "Topic %s has no partition %d: it holds %s.", name, partition.number(), held);
              }
              long next = range.to().next().get(partition);
              if (first < begin && first < next) {
                throw Failure.broken(
                    "Kafka no longer holds offsets [%d, %d) of partition %d of topic %s: it holds"
                        + " %s.",
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

  /** The range with all partitions of the topics; added partitions have an empty range. */
  public OffsetRange withAllPartitions(OffsetRange range) {
    return new OffsetRange(range.from().orElse(earliest), range.to().orElse(earliest));
  }

  private interface Question<T> {
    T ask(Admin admin) throws InterruptedException, ExecutionException;
  }

  private static <T> T ask(KafkaConnection connection, Set<String> topics, Question<T> question) {
    try (Admin admin = connection.admin()) {
      return ask(admin, connection, topics, question);
    }
  }

  private static <T> T ask(
      Admin admin, KafkaConnection connection, Set<String> topics, Question<T> question) {
    String named = String.join(", ", topics);
    try {
      return question.ask(admin);
    } catch (ExecutionException e) {
      throw explain(e.getCause(), connection, named);
    } catch (InterruptedException e) {
      // Without waiting for answers.
      admin.close(Duration.ZERO);
      Thread.currentThread().interrupt();
      throw Failure.unreachable(e, "Interrupted while asking Kafka for topic %s.", named);
    }
  }

  private static Offsets offsets(
      Admin admin, Collection<Partition> partitions, OffsetSpec spec, IsolationLevel isolation)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(
        partition -> wanted.put(new TopicPartition(partition.topic(), partition.number()), spec));
    Map<Partition, Long> offsets = new TreeMap<>();
    admin
        .listOffsets(wanted, new ListOffsetsOptions(isolation))
        .all()
        .get()
        .forEach(
            (partition, info) ->
                offsets.put(
                    new Partition(partition.topic(), partition.partition()), info.offset()));
    return new Offsets(offsets);
  }

  /** The failure if one of these topics does not exist. */
  public Optional<Failure> missing(KafkaConnection connection, Set<String> wanted) {
    return wanted.stream()
        .filter(name -> !ids.containsKey(name))
        .findFirst()
        .map(name -> missing(connection, name));
  }

  private static Failure missing(KafkaConnection connection, String topic) {
    // A broker that starts, or has a new controller, may not know the topic yet.
    return Failure.usageOrMoment(
        "There is no topic %s at %s: create it, or give another --kafka-topic.",
        topic, connection.servers());
  }

  private static RuntimeException explain(
      Throwable cause, KafkaConnection connection, String topic) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return missing(connection, topic);
    }
    if (cause instanceof RetriableException) {
      return connection.noAnswer(cause);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}

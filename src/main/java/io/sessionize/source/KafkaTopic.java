package io.sessionize.source;

import io.sessionize.Failure;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * One topic as it stands on the brokers now.
 *
 * @param name its name
 * @param id changes when the topic is deleted and made anew
 * @param earliest the first offset that each partition still holds
 * @param latest the next offset that each partition will get
 */
public record KafkaTopic(String name, String id, Offsets earliest, Offsets latest) {
  private static final int TIMEOUT_MS = 15_000;

  /**
   * Asks the brokers.
   *
   * @throws Failure unreachable, or usage where there is no such topic
   */
  public static KafkaTopic describe(KafkaConnection connection, String topic) {
    return ask(
        connection,
        topic,
        admin -> {
          TopicDescription description =
              admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
          List<Integer> partitions =
              description.partitions().stream().map(TopicPartitionInfo::partition).toList();
          return new KafkaTopic(
              topic,
              description.topicId().toString(),
              offsets(admin, topic, partitions, OffsetSpec.earliest()),
              offsets(admin, topic, partitions, OffsetSpec.latest()));
        });
  }

  /**
   * The offset in each partition of the first record that was sent at or after a time; the end of
   * the partition where there is none.
   *
   * @throws Failure unreachable
   */
  public Offsets at(KafkaConnection connection, Instant time) {
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
                          OffsetSpec.forTimestamp(time.toEpochMilli()))
                      .next());
          found.replaceAll(
              (partition, offset) -> offset < 0 ? latest.next().get(partition) : offset);
          return new Offsets(found);
        });
  }

  private interface Question<T> {
    T ask(Admin admin) throws InterruptedException, ExecutionException;
  }

  private static <T> T ask(KafkaConnection connection, String topic, Question<T> question) {
    Properties settings = new Properties();
    settings.putAll(connection.clientSettings());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    try (Admin admin = Admin.create(settings)) {
      return question.ask(admin);
    } catch (ExecutionException e) {
      throw explain(e.getCause(), connection, topic);
    } catch (KafkaException e) {
      throw explain(e.getCause() == null ? e : e.getCause(), connection, topic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.unreachable(e, "Interrupted while asking Kafka for topic %s.", topic);
    }
  }

  private static Offsets offsets(
      Admin admin, String topic, Collection<Integer> partitions, OffsetSpec spec)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(new TopicPartition(topic, partition), spec));
    Map<Integer, Long> offsets = new TreeMap<>();
    admin
        .listOffsets(wanted)
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
    boolean unresolvable =
        cause instanceof ConfigException
            && String.valueOf(cause.getMessage()).contains("resolvable");
    if (unresolvable) {
      return Failure.unreachable(
          cause,
          "Kafka at %s cannot be found: %s. Give another --kafka-servers.",
          connection.servers(),
          cause.getMessage());
    }
    if (cause instanceof ConfigException) {
      return Failure.usage("Kafka settings cannot be used: %s.", cause.getMessage());
    }
    if (cause instanceof RetriableException) {
      return Failure.unreachable(
          cause,
          "Kafka at %s could not be reached within %d s: start it, or give another --kafka-servers.",
          connection.servers(),
          TIMEOUT_MS / 1000);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}

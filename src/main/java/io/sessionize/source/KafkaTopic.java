package io.sessionize.source;

import io.sessionize.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
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
    Properties settings = new Properties();
    settings.putAll(connection.clientSettings());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    try (Admin admin = Admin.create(settings)) {
      TopicDescription description =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      return new KafkaTopic(
          topic,
          description.topicId().toString(),
          offsets(admin, description, OffsetSpec.earliest()),
          offsets(admin, description, OffsetSpec.latest()));
    } catch (ExecutionException e) {
      throw explain(e.getCause(), connection, topic);
    } catch (KafkaException e) {
      throw explain(e.getCause() == null ? e : e.getCause(), connection, topic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.unreachable(e, "Interrupted while asking Kafka for topic %s.", topic);
    }
  }

  private static Offsets offsets(Admin admin, TopicDescription topic, OffsetSpec spec)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    topic
        .partitions()
        .forEach(info -> wanted.put(new TopicPartition(topic.name(), info.partition()), spec));
    KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> found = admin.listOffsets(wanted).all();
    Map<Integer, Long> offsets = new TreeMap<>();
    found.get().forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
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

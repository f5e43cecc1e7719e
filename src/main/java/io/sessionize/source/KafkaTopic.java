package io.sessionize.source;

import io.sessionize.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
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

  /**
   * Asks the brokers.
   *
   * @throws Failure unreachable; usage, where there is no such topic or the settings are no good
   */
  public static KafkaTopic describe(KafkaConnection connection, String topic) {
    try (Admin admin = connection.admin()) {
      TopicDescription description =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      return new KafkaTopic(
          topic,
          description.topicId().toString(),
          offsets(admin, description, OffsetSpec.earliest()),
          offsets(admin, description, OffsetSpec.latest()));
    } catch (ExecutionException e) {
      throw explain(e.getCause(), connection, topic);
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
    if (cause instanceof RetriableException) {
      return connection.silence(cause);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}

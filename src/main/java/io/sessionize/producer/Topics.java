package io.sessionize.producer;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks before sending that Kafka answers and the topic exists. */
final class Topics {
  private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

  private Topics() {}

  /**
   * Creates the topic if it does not exist.
   *
   * @throws io.sessionize.Failure after about 15 seconds if Kafka does not answer
   */
  static void ensure(Target target) throws InterruptedException {
    try (Admin admin = target.connection().admin()) {
      if (!exists(admin, target.topic())) {
        create(admin, target);
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw target.connection().noAnswer(e);
      }
      String failed = "Cannot find or create topic '%s' at %s";
      throw KafkaFailure.of(
          e,
          failed.formatted(target.topic(), target.connection().servers()),
          "Check --kafka-servers and --kafka-properties.");
    }
  }

  // Asks first instead of creating: a user who may write a topic may not be allowed to create one.
  private static boolean exists(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    try {
      admin.describeTopics(List.of(topic)).allTopicNames().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private static void create(Admin admin, Target target)
      throws ExecutionException, InterruptedException {
    NewTopic topic =
        new NewTopic(target.topic(), Optional.of(target.partitions()), Optional.empty());
    try {
      admin.createTopics(List.of(topic)).all().get();
      LOG.info("Created topic {} with {} partitions", target.topic(), target.partitions());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
      LOG.info("Another client has just created topic {}", target.topic());
    }
  }
}

package io.sessionize.producer;

import io.sessionize.source.KafkaConnection;

/**
 * The topic to write.
 *
 * @param partitions number of partitions if the topic is created
 */
public record Target(KafkaConnection connection, String topic, int partitions) {}

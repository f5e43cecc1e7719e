package io.sessionize.producer;

import io.sessionize.source.KafkaConnection;

/**
 * Where the events go.
 *
 * @param partitions of the topic where it does not exist yet
 */
public record Target(KafkaConnection connection, String topic, int partitions) {}

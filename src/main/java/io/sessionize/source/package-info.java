/**
 * Connects to Kafka and describes topics. It uses Kafka's clients and {@code offsets}. Start
 * reading at {@link io.sessionize.source.KafkaTopics}; {@link io.sessionize.source.Source} is what
 * a run reads from.
 */
package io.sessionize.source;

/**
 * Connects to Kafka, describes topics, and reads ranges of offsets. It uses Kafka's clients,
 * Spark's stream for the plan of batches, and {@code offsets}. Start reading at {@link
 * io.sessionize.source.KafkaTopics} and {@link io.sessionize.source.RangeReader}; {@link
 * io.sessionize.source.Source} is what a run reads from.
 */
package io.sessionize.source;

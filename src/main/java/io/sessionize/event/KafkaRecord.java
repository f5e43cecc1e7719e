package io.sessionize.event;

/**
 * One record of a topic.
 *
 * @param timeMs its Kafka timestamp, epoch milliseconds: see {@link Limits#isKnown}
 * @param value null for a tombstone
 */
public record KafkaRecord(String topic, int partition, long offset, long timeMs, byte[] value) {}

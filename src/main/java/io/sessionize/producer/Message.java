package io.sessionize.producer;

/**
 * One Kafka record to send. The arrays are handed over, not copied.
 *
 * @param key null where it has none
 */
record Message(byte[] key, byte[] value) {}

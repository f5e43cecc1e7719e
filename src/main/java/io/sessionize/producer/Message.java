package io.sessionize.producer;

/**
 * A Kafka record to send. The arrays are not copied.
 *
 * @param key null if the record has no key
 */
record Message(byte[] key, byte[] value) {}

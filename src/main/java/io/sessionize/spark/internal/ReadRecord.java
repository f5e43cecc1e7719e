package io.sessionize.spark.internal;

import io.sessionize.event.KafkaRecord;

/**
 * A record to decode.
 *
 * @param key null if it has none
 * @param index of the element of a batch that the value is; null if the value is that of a record
 */
record ReadRecord(KafkaRecord record, byte[] key, Integer index) {
  /** Bytes of a record beside its key and its value. */
  private static final int OTHER = 64;

  /** About the bytes of the record in memory. */
  long size() {
    return OTHER + length(key) + length(record.value());
  }

  private static long length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}

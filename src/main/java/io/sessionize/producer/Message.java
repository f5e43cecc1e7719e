package io.sessionize.producer;

/**
 * A Kafka record to send. The arrays are not copied.
 *
 * @param key null if the record has no key
 * @param line number of its line in a file, from 1; 0 if it is not from a file
 */
record Message(byte[] key, byte[] value, long line) {

  Message(byte[] key, byte[] value) {
    this(key, value, 0);
  }

  /** Returns where it is from, for messages, with a blank before it; empty if not from a file. */
  String place() {
    return line == 0 ? "" : " (line " + line + " of the file)";
  }
}

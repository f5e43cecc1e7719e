package io.sessionize.event.registry;

import io.sessionize.event.UnreadableException;
import java.nio.ByteBuffer;

/** The Confluent wire format: a zero byte, the id of a schema in four bytes, and the data. */
public final class WireFormat {
  /** Number of bytes before the data. */
  public static final int HEADER = 5;

  private WireFormat() {}

  /**
   * Returns the id of the schema of a record.
   *
   * @throws UnreadableException if the value does not begin with a header
   */
  public static int schemaId(byte[] value) throws UnreadableException {
    if (value.length < HEADER) {
      throw UnreadableException.malformed(
          "shorter than the 5 bytes of the Confluent wire format: " + value.length);
    }
    if (value[0] != 0) {
      throw UnreadableException.malformed(
          "not in the Confluent wire format: its first byte is " + (value[0] & 0xff) + ", not 0");
    }
    int id = ByteBuffer.wrap(value).getInt(1);
    if (id < 0) {
      throw UnreadableException.malformed("the id of its schema is negative: " + id);
    }
    return id;
  }
}

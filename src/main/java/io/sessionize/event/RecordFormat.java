package io.sessionize.event;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/**
 * Turns a record's value into the tokens of one JSON value. Any format can be read that a {@link
 * JsonParser} can be made of, for example with a {@code TokenBuffer}. An implementation need not be
 * thread-safe.
 */
@FunctionalInterface
public interface RecordFormat {

  /**
   * Opens a value. A parser of numbers must return their text by {@code getText}.
   *
   * @param value not null
   * @return a parser before its first token. It can be used until the next value is opened. The
   *     same value can be opened again.
   * @throws UnreadableException if the value is not in this format
   * @throws IOException likewise: the record is malformed
   */
  JsonParser open(byte[] value) throws IOException;

  /** The format of a value that is one JSON text. */
  static RecordFormat json() {
    return new JsonText();
  }
}

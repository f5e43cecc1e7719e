package io.sessionize.event;

import com.fasterxml.jackson.core.JsonToken;

/**
 * The value at a JSON Pointer in the record that is read now. It knows what the columns that are
 * made of it need; checks for them are made while the record is read.
 */
final class Slot {
  private final String pointer;
  private String scalar;
  private String object;
  private boolean isText;
  private boolean isStrict;
  private int longest = Integer.MAX_VALUE;

  private JsonToken token;
  private String text;

  Slot(String pointer) {
    this.pointer = pointer;
  }

  /** The pointer from the event, or from the record that holds the batch. */
  String pointer() {
    return pointer;
  }

  /** A value that is neither a text nor a number is an error, with the name of this column. */
  Slot scalar(String column) {
    scalar = scalar == null ? name(column) : scalar;
    return strict();
  }

  /** A value that is not an object is an error, with the name of this column. */
  Slot object(String column) {
    object = object == null ? name(column) : object;
    return this;
  }

  /** A structure is kept as its JSON text. */
  Slot text() {
    isText = true;
    return this;
  }

  /** A text that cannot be written as UTF-8 is an error. Different ids would become equal. */
  Slot strict() {
    isStrict = true;
    return this;
  }

  /** A longer text does not fit: it is repeated in each event of a batch. */
  void limit(int characters) {
    longest = characters;
  }

  String name(String column) {
    return pointer.equals("/" + column) ? column : column + " (" + pointer + ")";
  }

  void clear() {
    token = null;
    text = null;
  }

  /** What is wrong with a value that begins with this token; null if nothing is. */
  String error(JsonToken first) {
    if (first == JsonToken.VALUE_NULL || first == JsonToken.VALUE_STRING && object == null) {
      return null;
    }
    if (scalar != null && !isScalar(first)) {
      return scalar + " is neither a text nor a number";
    }
    return object != null && first != JsonToken.START_OBJECT ? object + " is not an object" : null;
  }

  String tooLong() {
    return pointer + " of the record is longer than " + longest + " characters";
  }

  static boolean isScalar(JsonToken token) {
    return token == JsonToken.VALUE_STRING || token.isNumeric();
  }

  boolean isStrict() {
    return isStrict;
  }

  boolean keepsStructures() {
    return isText;
  }

  /**
   * Sets the value.
   *
   * @param first its first token
   * @param value its text; null if it is a structure whose text is not kept
   * @return what is wrong with it; null if nothing is
   */
  String set(JsonToken first, String value) {
    token = first == JsonToken.VALUE_NULL ? null : first;
    text = token == null ? null : value;
    if (text == null) {
      return null;
    }
    if (text.length() > longest) {
      // As much is kept as tells again that it is too long.
      token = JsonToken.NOT_AVAILABLE;
      text = text.substring(0, longest + 1);
      return isStrict ? tooLong() : null;
    }
    return isStrict && !JsonText.isWellFormed(text) ? "half a surrogate pair" : null;
  }

  /** Sets a value again that was read before. */
  void restore(JsonToken first, String value) {
    token = first;
    text = value;
  }

  /**
   * The first token of the value; null if there is none, or null. {@code NOT_AVAILABLE}: the value
   * is too long.
   */
  JsonToken token() {
    return token;
  }

  /**
   * The value's text; the JSON text of a structure, if it is kept; null if there is none. Of a
   * value that is too long, only the beginning.
   */
  String value() {
    return text;
  }
}

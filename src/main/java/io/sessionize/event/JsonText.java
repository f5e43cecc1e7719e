package io.sessionize.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Values that are one JSON text in UTF-8, with or without a byte order mark. UTF-8 is decoded
 * strictly: the parser would detect UTF-16 from a zero byte, and would accept overlong forms and
 * surrogates.
 */
final class JsonText implements RecordFormat {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  // Field-name interning is off: hostile names would fill the symbol table or exceed its collision
  // limit.
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  /** Bytes of a value up to which its text is decoded into the same buffer as the last one. */
  private static final int SHORT = 8_192;

  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private CharBuffer ofShort;

  @Override
  public JsonParser open(byte[] value) throws IOException {
    if (value.length == 0) {
      throw UnreadableException.malformed("empty value");
    }
    // A text has at most as many characters as bytes.
    CharBuffer text = value.length > SHORT ? CharBuffer.allocate(value.length) : cleared();
    if (utf8.reset().decode(ByteBuffer.wrap(value), text, true).isError()) {
      throw UnreadableException.malformed("not UTF-8");
    }
    text.flip();
    if (text.hasRemaining() && text.get(text.position()) == BYTE_ORDER_MARK) {
      text.get();
    }
    return JSON.createParser(text.array(), text.position(), text.remaining());
  }

  private CharBuffer cleared() {
    if (ofShort == null) {
      ofShort = CharBuffer.allocate(SHORT);
    }
    return ofShort.clear();
  }

  /** Appends a text as a JSON string. Half a surrogate pair stays as it is. */
  static void appendString(StringBuilder json, CharSequence text) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }

  /** Whether a text can be written as UTF-8: it has no half of a surrogate pair. */
  static boolean isWellFormed(String text) {
    return halfPair(text, 0) < 0;
  }

  /** The JSON text as UTF-8. Half a surrogate pair, which UTF-8 does not have, is escaped. */
  static byte[] bytes(String json) {
    int half = halfPair(json, 0);
    if (half < 0) {
      return json.getBytes(StandardCharsets.UTF_8);
    }
    StringBuilder escaped = new StringBuilder();
    int done = 0;
    for (; half >= 0; half = halfPair(json, done)) {
      escaped.append(json, done, half).append(String.format("\\u%04x", (int) json.charAt(half)));
      done = half + 1;
    }
    return escaped.append(json, done, json.length()).toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The position of the first half of a surrogate pair; -1 if there is none. */
  private static int halfPair(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}

package io.sessionize.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads one Kafka record's value as an event.
 *
 * <pre>
 *   field            type                              missing or null   blank
 *   uuid             text or number                    rejected          rejected
 *   event_timestamp  epoch milliseconds, a whole       rejected          rejected
 *                    number in any notation of JSON,
 *                    or as text, with blanks around
 *   event_id         text or number                    topic/partition/offset is used
 *   page_name        text or number                    null              kept as it is
 *   booking_details  anything; a structure is kept     null              kept as it is
 *                    as its JSON text
 *   event_details    object of event_name, event_type  null              malformed
 *                    and event_value, each anything
 * </pre>
 *
 * <p>A record with a value of another type is malformed. Numbers keep their text. Unknown fields
 * are ignored. If a field occurs twice, the last one counts. A record that exceeds the parser's
 * limits (1,000 levels, numbers of 1,000 digits, texts of 20 million characters) is malformed. A
 * time as text has the same limit as a number.
 *
 * <p>Not thread-safe.
 */
public final class EventDecoder implements RecordDecoder {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final String BLANKS = " \t\r\n";
  private static final int LONGEST_NUMBER = 1000;
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]++(?:\\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+");

  // Field-name interning is off: hostile names would fill the symbol table or exceed its collision
  // limit.
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private final Limits limits;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  private String lastUser;
  private boolean lastIsSetAside;
  private String uuid;
  private String eventId;
  private String time;
  private String pageName;
  private String bookingDetails;
  private EventDetails details;

  public EventDecoder(Limits limits) {
    this.limits = limits;
  }

  @Override
  public void decode(KafkaRecord record, Consumer<Decoded> results) {
    results.accept(
        decode(
            record.value(), record.topic(), record.partition(), record.offset(), record.timeMs()));
  }

  @Override
  public void decodeElement(KafkaRecord element, int index, Consumer<Decoded> results) {
    decode(element, results);
  }

  /**
   * Decodes one record.
   *
   * @param value the record's value; null for a tombstone
   * @param recordTimeMs the record's Kafka timestamp, epoch milliseconds: see {@link
   *     Limits#isKnown}
   */
  public Decoded decode(byte[] value, String topic, int partition, long offset, long recordTimeMs) {
    if (value == null) {
      return new Rejected(Reason.MALFORMED, "no value (a tombstone)");
    }
    try {
      read(value);
    } catch (Malformed e) {
      return new Rejected(Reason.MALFORMED, e.getMessage());
    } catch (JsonProcessingException e) {
      return new Rejected(Reason.MALFORMED, e.getOriginalMessage());
    } catch (IOException e) {
      // The parser reads from memory only, so the record is the cause.
      return new Rejected(Reason.MALFORMED, e.getMessage());
    }
    if (uuid == null || uuid.isBlank()) {
      return new Rejected(Reason.MISSING_UUID, "uuid is missing or blank");
    }
    if (time == null || time.isBlank()) {
      return new Rejected(Reason.MISSING_TIME, "event_timestamp is missing or blank");
    }
    return withTime(topic, partition, offset, recordTimeMs);
  }

  private Decoded withTime(String topic, int partition, long offset, long recordTimeMs) {
    long timeMs;
    try {
      timeMs = parseTime(time);
    } catch (NumberFormatException e) {
      return new Rejected(
          Reason.MALFORMED,
          "event_timestamp is not a whole number of milliseconds: " + brief(time));
    }
    Reason reason = limits.rejects(timeMs, recordTimeMs);
    if (reason != null) {
      return new Rejected(reason, detail(reason, timeMs, recordTimeMs));
    }
    if (isSetAside(uuid)) {
      return new Rejected(Reason.SET_ASIDE, "its user is set aside");
    }
    String id =
        eventId == null || eventId.isBlank() ? topic + "/" + partition + "/" + offset : eventId;
    return new Valid(uuid, new Event(timeMs, id, pageName, bookingDetails, details), 0);
  }

  /** A user who is set aside often has most records, so the last answer is kept. */
  private boolean isSetAside(String user) {
    if (!user.equals(lastUser)) {
      lastUser = user;
      lastIsSetAside = limits.setAside().contains(user);
    }
    return lastIsSetAside;
  }

  private String detail(Reason reason, long timeMs, long recordTimeMs) {
    String given = "event_timestamp " + timeMs + " is ";
    if (reason == Reason.BEFORE_2000) {
      return given + "before 2000: perhaps in seconds";
    }
    if (reason == Reason.BEYOND_HORIZON) {
      return given
          + "earlier than its Kafka record, "
          + recordTimeMs
          + ", by more than the horizon";
    }
    return Limits.isKnown(recordTimeMs) && timeMs > recordTimeMs
        ? given + "later than its Kafka record, " + recordTimeMs
        : given + "after the year 9999: perhaps in microseconds";
  }

  private void read(byte[] value) throws IOException {
    uuid = null;
    eventId = null;
    time = null;
    pageName = null;
    bookingDetails = null;
    details = null;
    if (value.length == 0) {
      throw new Malformed("empty value");
    }
    CharBuffer text = text(value);
    try (JsonParser json = JSON.createParser(text.array(), text.position(), text.remaining())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("not a JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "uuid" -> uuid = scalar(json, field);
          case "event_id" -> eventId = scalar(json, field);
          case "event_timestamp" -> time = scalar(json, field);
          case "page_name" -> pageName = scalar(json, field);
          case "booking_details" -> bookingDetails = anything(json);
          case "event_details" -> details = details(json);
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new Malformed("something follows the JSON object");
      }
    }
  }

  private static EventDetails details(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new Malformed("event_details is not an object");
    }
    String name = null;
    String type = null;
    String value = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "event_name" -> name = anything(json);
        case "event_type" -> type = anything(json);
        case "event_value" -> value = anything(json);
        default -> json.skipChildren();
      }
    }
    return new EventDetails(name, type, value);
  }

  private static String anything(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    return wellFormed(json.currentToken().isStructStart() ? structure(json) : json.getText());
  }

  /** Writes a structure without white space; numbers keep their text. */
  private static String structure(JsonParser json) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      int depth = 0;
      do {
        JsonToken token = json.currentToken();
        if (token.isNumeric()) {
          generator.writeNumber(json.getText());
        } else {
          generator.copyCurrentEvent(json);
        }
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        }
      } while (depth > 0 && json.nextToken() != null);
    }
    return text.toString();
  }

  private static String scalar(JsonParser json, String field) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (json.currentToken() != JsonToken.VALUE_STRING && !json.currentToken().isNumeric()) {
      throw new Malformed(field + " is neither a text nor a number");
    }
    return wellFormed(json.getText());
  }

  /**
   * Rejects half a surrogate pair: it cannot be written as UTF-8, so different ids would become
   * equal.
   */
  private static String wellFormed(String text) throws Malformed {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new Malformed("half a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }

  /**
   * Decodes UTF-8 strictly. The parser would detect UTF-16 from a zero byte, and would accept
   * overlong forms and surrogates.
   */
  private CharBuffer text(byte[] value) throws Malformed {
    try {
      CharBuffer text = utf8.decode(ByteBuffer.wrap(value));
      if (text.hasRemaining() && text.get(text.position()) == BYTE_ORDER_MARK) {
        text.get();
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new Malformed("not UTF-8");
    }
  }

  /** Parses a whole number: {@code 1790875736200}, {@code 1790875736200.0}, {@code 1.79E12}. */
  private static long parseTime(String given) {
    String text = withoutBlanks(given);
    boolean digits = true;
    for (int i = text.startsWith("-") ? 1 : 0; i < text.length() && digits; i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    if (digits) {
      return Long.parseLong(text);
    }
    // The time to parse a decimal number grows with the square of its length.
    if (text.length() > LONGEST_NUMBER || !NUMBER.matcher(text).matches()) {
      throw new NumberFormatException();
    }
    try {
      return new BigDecimal(text).longValueExact();
    } catch (ArithmeticException e) {
      throw new NumberFormatException();
    }
  }

  /** Removes JSON's blanks around a text. Other white space could differ between languages. */
  private static String withoutBlanks(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && BLANKS.indexOf(text.charAt(begin)) >= 0) {
      begin++;
    }
    while (end > begin && BLANKS.indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static String brief(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private static final class Malformed extends IOException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }
}

package io.sessionize.event;

import com.fasterxml.jackson.core.JsonToken;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.session.PropertyType;
import java.math.BigDecimal;
import java.util.List;

/**
 * Reads a property.
 *
 * <pre>
 *   type       takes
 *   string     any value; a structure as its JSON text
 *   long       a whole number in any notation of JSON, or a text of it
 *   double     a number, or a text of it, that is finite as a double
 *   boolean    true or false, or a text of it
 *   decimal    a number, or a text of it, that needs no more digits
 *   timestamp  a number or a text in one of its formats: see {@link Times}
 * </pre>
 *
 * @param slot of its value
 * @param formats of a timestamp; else null
 */
record PropertyReader(Slot slot, PropertyType type, List<TimeFormat> formats) {

  /** Whether there is a value. A blank text is one only for a string: trackers send it for none. */
  boolean hasValue() {
    boolean isBlank = slot.token() == JsonToken.VALUE_STRING && slot.value().isBlank();
    return slot.token() != null && (!isBlank || type.kind() == PropertyType.Kind.STRING);
  }

  /** The value of the type; null if it does not fit. */
  Object value() {
    JsonToken token = slot.token();
    String text = slot.value();
    if (text == null || token == JsonToken.NOT_AVAILABLE) {
      return null;
    }
    if (type.kind() == PropertyType.Kind.STRING) {
      return JsonText.isWellFormed(text) ? text : null;
    }
    if (type.kind() == PropertyType.Kind.BOOLEAN) {
      boolean isText = token == JsonToken.VALUE_STRING || token.isBoolean();
      return isText ? bool(Numbers.withoutBlanks(text)) : null;
    }
    if (!Slot.isScalar(token)) {
      return null;
    }
    return switch (type.kind()) {
      case LONG -> Numbers.whole(text);
      case DOUBLE -> Numbers.finite(text);
      case TIMESTAMP -> Times.instant(text, formats);
      default -> {
        BigDecimal number = Numbers.decimal(text);
        yield number == null ? null : Numbers.fitted(number, type.precision(), type.scale());
      }
    };
  }

  private static Boolean bool(String text) {
    return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
  }
}

package io.sessionize.event;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sessionize.event.Decoded.Reason;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The rules of the decoder, implemented a second time on a JSON tree: slow, simple, and independent
 * of the code under test.
 */
final class TreeDecoder {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final ObjectMapper WITHOUT_DUPLICATES =
      JSON.copy().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private static final BigInteger YEAR_2000 = BigInteger.valueOf(946_684_800_000L);
  private static final BigInteger YEAR_10000 = BigInteger.valueOf(253_402_300_800_000L);
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

  private TreeDecoder() {}

  /** The value as JSON, or null if it is not JSON. */
  static JsonNode tree(byte[] value) {
    return tree(JSON, value);
  }

  /** Whether any object in it repeats a name. */
  static boolean hasDuplicates(byte[] value) {
    return tree(WITHOUT_DUPLICATES, value) == null;
  }

  private static JsonNode tree(ObjectMapper mapper, byte[] value) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      return mapper.readTree(text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (IOException e) {
      return null;
    }
  }

  /** The reason to reject the record, or null if it is an event. */
  static Reason reason(JsonNode tree) {
    if (tree == null || !tree.isObject()) {
      return Reason.MALFORMED;
    }
    for (String field : List.of("uuid", "event_id", "event_timestamp", "page_name")) {
      JsonNode node = tree.path(field);
      if (!isNothing(node) && !(node.isTextual() && isWellFormed(node)) && !node.isNumber()) {
        return Reason.MALFORMED;
      }
    }
    JsonNode details = tree.path("event_details");
    if (!isWellFormed(tree.path("booking_details"))
        || !(isNothing(details) || details.isObject())
        || !isWellFormed(details.path("event_name"))
        || !isWellFormed(details.path("event_type"))
        || !isWellFormed(details.path("event_value"))) {
      return Reason.MALFORMED;
    }
    if (isNothing(tree.path("uuid")) || tree.path("uuid").asText().isBlank()) {
      return Reason.MISSING_UUID;
    }
    JsonNode time = tree.path("event_timestamp");
    if (isNothing(time) || time.isTextual() && time.textValue().isBlank()) {
      return Reason.MISSING_TIME;
    }
    BigInteger timeMs = time(time);
    return timeMs == null ? Reason.MALFORMED : reason(timeMs);
  }

  /** The time of an event; null if it is not a whole number. */
  static BigInteger time(JsonNode time) {
    String text = time.asText().replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "");
    if (!text.matches("-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,4})?")) {
      return null;
    }
    BigDecimal number = new BigDecimal(text).stripTrailingZeros();
    return number.scale() > 0 ? null : number.toBigInteger();
  }

  private static Reason reason(BigInteger timeMs) {
    if (timeMs.compareTo(LONG_MIN) < 0 || timeMs.compareTo(LONG_MAX) > 0) {
      return Reason.MALFORMED;
    }
    if (timeMs.compareTo(YEAR_2000) < 0) {
      return Reason.BEFORE_2000;
    }
    if (timeMs.compareTo(YEAR_10000) >= 0
        || timeMs.compareTo(BigInteger.valueOf(Records.SENT + Records.SKEW)) > 0) {
      return Reason.FUTURE_TIME;
    }
    BigInteger earliest = BigInteger.valueOf(Records.SENT - Records.HORIZON);
    return timeMs.compareTo(earliest) < 0 ? Reason.BEYOND_HORIZON : null;
  }

  private static boolean isNothing(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  /** Whether all its texts can be written as UTF-8. */
  private static boolean isWellFormed(JsonNode node) {
    String text = node.isTextual() ? node.textValue() : node.toString();
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}

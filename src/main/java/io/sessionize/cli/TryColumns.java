package io.sessionize.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.session.Session;
import io.sessionize.spark.internal.SessionValues;

/**
 * The session columns of a definition that is tried.
 *
 * @param values null if it has none
 */
record TryColumns(SessionValues values) {
  static final TryColumns NONE = new TryColumns(null);

  /** Keeps all digits of a decimal. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  boolean areGiven() {
    return values != null;
  }

  /** Returns the value of each column of a session, null too. */
  ObjectNode of(Session session) {
    try {
      return (ObjectNode) JSON.readTree(values.json(session));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns how many values have failed so far: they are null. */
  long failed() {
    return values == null ? 0 : values.failed();
  }
}

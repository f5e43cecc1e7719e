package io.sessionize.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Finds the key of a line of a file. */
final class LineKey {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

  private LineKey() {}

  /**
   * Returns the field {@code uuid} of a line, or null. The line must be one JSON object in UTF-8
   * and nothing else, and the field a text. If there are several such fields, the last one counts.
   */
  static byte[] of(byte[] line) {
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String uuid = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isUuid = json.getCurrentName().equals("uuid");
        JsonToken value = json.nextToken();
        if (isUuid) {
          uuid = value == JsonToken.VALUE_STRING ? json.getText() : null;
        }
        json.skipChildren();
      }
      boolean ends = json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
      return uuid == null || !ends ? null : uuid.getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    }
  }
}

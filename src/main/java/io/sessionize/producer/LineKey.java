package io.sessionize.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The key of a line that is sent as it is. */
final class LineKey {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

  private LineKey() {}

  /**
   * The uuid where the line is one JSON object in UTF-8 and nothing else, with a text as its {@code
   * uuid} (the last one, where there are several); else null.
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

package io.sessionize.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * One step of one user, without a time.
 *
 * @param bookingDetails empty before the booking
 * @param thinkMs time to the next step at natural speed, milliseconds
 */
record Click(
    String eventId,
    Page page,
    String bookingDetails,
    String uuid,
    String eventValue,
    long thinkMs) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int USUAL_BYTES = 320;

  /**
   * Returns the event as one line of JSON in UTF-8, without a line ending.
   *
   * @param timestampMs time of the event, epoch milliseconds
   */
  byte[] json(long timestampMs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("event_id", eventId);
      json.writeStringField("page_name", page.label());
      json.writeStringField("event_timestamp", Long.toString(timestampMs));
      json.writeStringField("booking_details", bookingDetails);
      json.writeStringField("uuid", uuid);
      json.writeObjectFieldStart("event_details");
      json.writeStringField("event_name", "user-" + page.label());
      json.writeStringField("event_type", page.eventType());
      json.writeStringField("event_value", eventValue);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}

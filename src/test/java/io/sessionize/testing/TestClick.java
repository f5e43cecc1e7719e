package io.sessionize.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Oracle.Click;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A click to send. Defaults: a unique id, a page, partition 0, and the record timestamp equal to
 * the event time.
 *
 * @param sentMs the Kafka record's timestamp, epoch milliseconds
 */
public record TestClick(
    String uuid,
    long timeMs,
    String id,
    String page,
    String booking,
    EventDetails details,
    String key,
    int partition,
    long sentMs) {
  /** The day of times without a date. */
  public static final LocalDate DAY = LocalDate.parse("2026-03-02");

  private static final AtomicInteger IDS = new AtomicInteger();
  private static final ObjectMapper JSON = new ObjectMapper();

  public static TestClick click(String uuid, String time) {
    return new TestClick(
        uuid, at(time), "e" + IDS.incrementAndGet(), "home", null, null, uuid, 0, at(time));
  }

  public TestClick id(String newId) {
    return new TestClick(uuid, timeMs, newId, page, booking, details, key, partition, sentMs);
  }

  public TestClick page(String newPage) {
    return new TestClick(uuid, timeMs, id, newPage, booking, details, key, partition, sentMs);
  }

  public TestClick withoutKey() {
    return new TestClick(uuid, timeMs, id, page, booking, details, null, partition, sentMs);
  }

  public TestClick booking(String newBooking) {
    return new TestClick(uuid, timeMs, id, page, newBooking, details, key, partition, sentMs);
  }

  public TestClick details(EventDetails newDetails) {
    return new TestClick(uuid, timeMs, id, page, booking, newDetails, key, partition, sentMs);
  }

  public TestClick on(int newPartition) {
    return new TestClick(uuid, timeMs, id, page, booking, details, key, newPartition, sentMs);
  }

  public TestClick sentAt(String time) {
    return new TestClick(uuid, timeMs, id, page, booking, details, key, partition, at(time));
  }

  public TestClick sentAt(long newSentMs) {
    return new TestClick(uuid, timeMs, id, page, booking, details, key, partition, newSentMs);
  }

  /** Converts to an event for the oracle. */
  public Click click() {
    return new Click(uuid, new Event(timeMs, id, page, booking, details));
  }

  /** Converts to a Kafka record. */
  public ProducerRecord<String, byte[]> record(String topic) {
    return record(topic, partition, key, json(), sentMs);
  }

  /** A record with any timestamp; -1 for none. */
  public static ProducerRecord<String, byte[]> record(
      String topic, int partition, String key, byte[] value, long sentMs) {
    // Kafka's constructor rejects timestamps that older and third-party clients send.
    return new ProducerRecord<>(topic, partition, Math.max(0, sentMs), key, value) {
      @Override
      public Long timestamp() {
        return sentMs;
      }
    };
  }

  public byte[] json() {
    return json(StandardCharsets.UTF_8);
  }

  public byte[] json(Charset charset) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("uuid", uuid);
    fields.put("event_id", id);
    fields.put("event_timestamp", Long.toString(timeMs));
    fields.put("page_name", page);
    if (booking != null) {
      fields.put("booking_details", booking);
    }
    if (details != null) {
      fields.put(
          "event_details",
          Map.of(
              "event_name", details.name(),
              "event_type", details.type(),
              "event_value", details.value()));
    }
    try {
      return JSON.writeValueAsString(fields).getBytes(charset);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Epoch milliseconds of {@code 08:30}, or of {@code 2026-03-04T08:30} on another day; UTC. */
  public static long at(String time) {
    LocalDateTime moment =
        time.contains("T") ? LocalDateTime.parse(time) : DAY.atTime(LocalTime.parse(time));
    return moment.toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  /** Formats epoch milliseconds; the inverse of {@link #at}. */
  public static String text(long ms) {
    LocalDateTime moment = LocalDateTime.ofInstant(Instant.ofEpochMilli(ms), ZoneOffset.UTC);
    return moment.toLocalDate().equals(DAY) ? moment.toLocalTime().toString() : moment.toString();
  }
}

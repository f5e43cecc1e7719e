package io.sessionize.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the records of one topic become events.
 *
 * @param format of a record's value
 * @param registry URL of the schema registry; null without one
 * @param records JSON Pointer to the array of events in a record; null if a record is one event
 * @param where a condition in Spark SQL on the event's columns; null for all events
 * @param event where the columns of an event are
 * @param properties by name
 * @param schema the reader's schema of Avro records, as JSON; null to read each record by its own
 *     schema
 */
public record TopicDefinition(
    Format format,
    String registry,
    String records,
    String where,
    EventMapping event,
    SortedMap<String, PropertyMapping> properties,
    String schema)
    implements Serializable {

  public TopicDefinition {
    properties = new TreeMap<>(properties);
  }

  /** The format of a record's value. */
  public enum Format {
    /** One JSON text. */
    JSON,
    /** One JSON text after the five bytes of the Confluent wire format. */
    JSON_REGISTRY,
    /** Avro in the Confluent wire format. */
    AVRO;

    @JsonValue
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @JsonCreator
    static Format of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /** A notation of time. */
  public enum TimeFormat {
    EPOCH_MS,
    EPOCH_S,
    EPOCH_US,
    ISO8601;

    @JsonValue
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static TimeFormat of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * A place in a record.
   *
   * @param at JSON Pointer, from the event; from the record if {@code in} says so
   * @param inRecord whether the pointer starts at the record that holds the batch of events
   */
  public record Place(String at, boolean inRecord) implements Serializable {}

  /**
   * Where the columns of an event are. A place that is null is not mapped.
   *
   * @param uuid places of the user's id: the first that has one counts
   * @param details place of an object with {@code event_name}, {@code event_type} and {@code
   *     event_value}; then their own places are null
   */
  public record EventMapping(
      List<Place> uuid,
      Place eventId,
      TimeMapping time,
      Place order,
      Place pageName,
      Place bookingDetails,
      Place details,
      Place eventName,
      Place eventType,
      Place eventValue)
      implements Serializable {}

  /**
   * Where the time of an event is: at one place, or by the device's clock, corrected: {@code
   * received - (sent - created)}.
   *
   * @param at its place; null if it is corrected
   * @param created when it happened, by the device's clock
   * @param sent when the device sent it, by the device's clock
   * @param received when it was received, by the receiver's clock
   * @param formats tried in this order
   */
  public record TimeMapping(
      Place at, Place created, Place sent, Place received, List<TimeFormat> formats)
      implements Serializable {}
}

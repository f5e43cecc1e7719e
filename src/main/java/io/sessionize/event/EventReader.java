package io.sessionize.event;

import com.fasterxml.jackson.core.JsonToken;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.event.TopicDefinition.TimeMapping;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes an event of the values in the slots of a record, or a rejection. */
final class EventReader {
  private static final String TIME = "event_timestamp";

  /** A value of the record is repeated in each event of its batch, so that it must be short. */
  private static final int LONGEST_IN_RECORD = 1000;

  /**
   * What holds for all topics.
   *
   * @param definition number of the definition
   * @param placeholders texts that are no user's id
   */
  record Rules(Limits limits, int definition, Set<String> placeholders) {}

  private final Rules rules;
  private final List<TimeFormat> formats;
  private final List<Property> columns;
  private final Slot[] uuid;
  private final Slot eventId;
  private final Slot time;
  private final Slot sent;
  private final Slot received;
  private final Slot order;
  private final Slot pageName;
  private final Slot bookingDetails;
  private final Slot details;
  private final Slot eventName;
  private final Slot eventType;
  private final Slot eventValue;
  private final PropertyReader[] properties;

  private String lastUser;
  private boolean lastIsSetAside;

  /**
   * Adds the slots of a topic.
   *
   * @param columns the properties of the tables
   * @param inRecord pointers from the record
   * @param inEvent pointers from the event
   */
  EventReader(
      TopicDefinition topic,
      List<Property> columns,
      Rules rules,
      PointerNode inRecord,
      PointerNode inEvent) {
    this.rules = rules;
    this.columns = columns;
    EventMapping event = topic.event();
    Slots slots = new Slots(inRecord, inEvent);
    uuid = event.uuid().stream().map(slots::slot).toArray(Slot[]::new);
    // The others are only read if the first is not there.
    uuid[0].scalar("uuid");
    eventId = slots.scalar(event.eventId(), "event_id");
    TimeMapping times = event.time();
    time = slots.scalar(times.at() == null ? times.created() : times.at(), TIME);
    sent = slots.scalar(times.sent(), TIME);
    received = slots.scalar(times.received(), TIME);
    formats = times.formats();
    order = slots.scalar(event.order(), "order");
    pageName = slots.scalar(event.pageName(), "page_name");
    bookingDetails = slots.anything(event.bookingDetails());
    details = slots.slot(event.details());
    if (details == null) {
      eventName = slots.anything(event.eventName());
      eventType = slots.anything(event.eventType());
      eventValue = slots.anything(event.eventValue());
    } else {
      details.object("event_details");
      eventName = slots.anything(below(event.details(), "event_name"));
      eventType = slots.anything(below(event.details(), "event_type"));
      eventValue = slots.anything(below(event.details(), "event_value"));
    }
    properties = new PropertyReader[columns.size()];
    for (int i = 0; i < properties.length; i++) {
      PropertyMapping mapping = topic.properties().get(columns.get(i).name());
      if (mapping != null) {
        Slot slot = slots.slot(mapping.at()).text();
        properties[i] = new PropertyReader(slot, mapping.type(), mapping.formats());
      }
    }
  }

  private static Place below(Place place, String name) {
    return new Place(place.at() + "/" + name, place.inRecord());
  }

  private record Slots(PointerNode record, PointerNode event) {
    Slot slot(Place place) {
      if (place == null) {
        return null;
      }
      if (!place.inRecord()) {
        return event.add(place.at()).addSlot(place.at());
      }
      Slot slot = record.add(place.at()).addSlot(place.at()).text();
      slot.limit(LONGEST_IN_RECORD);
      return slot;
    }

    Slot scalar(Place place, String column) {
      return place == null ? null : slot(place).scalar(column);
    }

    Slot anything(Place place) {
      return place == null ? null : slot(place).text().strict();
    }
  }

  /**
   * Makes an event of the values that are in the slots now.
   *
   * @param index of the element in a batch; else null
   * @throws UnreadableException if a value is not of the form that its column needs
   */
  Decoded read(KafkaRecord record, Integer index) throws UnreadableException {
    String user = null;
    String placeholder = null;
    for (int i = 0; i < uuid.length && user == null; i++) {
      String id = scalar(uuid[i], "uuid");
      if (id != null && isPlaceholder(id)) {
        placeholder = id;
      } else {
        user = id;
      }
    }
    if (user == null) {
      return placeholder == null
          ? new Rejected(Reason.MISSING_UUID, "uuid is missing or blank")
          : new Rejected(Reason.PLACEHOLDER_UUID, "uuid is a placeholder: " + brief(placeholder));
    }
    if (isBlank(time)) {
      return new Rejected(Reason.MISSING_TIME, TIME + " is missing or blank");
    }
    long timeMs = time();
    Reason reason = rules.limits().rejects(timeMs, record.timeMs());
    if (reason != null) {
      return new Rejected(reason, detail(reason, timeMs, record.timeMs()));
    }
    Long position = order();
    if (isSetAside(user)) {
      return new Rejected(Reason.SET_ASIDE, "its user is set aside");
    }
    return event(user, timeMs, position, isBlank(eventId) ? place(record, index) : eventId.value());
  }

  private boolean isPlaceholder(String id) {
    return !rules.placeholders().isEmpty() && rules.placeholders().contains(id);
  }

  private Valid event(String user, long timeMs, Long position, String id) {
    Object[] values = properties.length == 0 ? null : new Object[properties.length];
    int unfit = 0;
    for (int i = 0; i < properties.length; i++) {
      if (properties[i] != null && properties[i].hasValue()) {
        values[i] = properties[i].value();
        unfit += values[i] == null ? 1 : 0;
      }
    }
    Event event =
        new Event(
            timeMs,
            position,
            id,
            rules.definition(),
            text(pageName),
            text(bookingDetails),
            details(),
            values == null ? null : Properties.of(columns, values));
    return new Valid(user, event, unfit);
  }

  private static String place(KafkaRecord record, Integer index) {
    String place = record.topic() + "/" + record.partition() + "/" + record.offset();
    return index == null ? place : place + "/" + index;
  }

  private EventDetails details() {
    String name = text(eventName);
    String type = text(eventType);
    String value = text(eventValue);
    boolean isThere =
        details == null
            ? name != null || type != null || value != null
            : details.token() == JsonToken.START_OBJECT;
    return isThere ? new EventDetails(name, type, value) : null;
  }

  private static String text(Slot slot) {
    return slot == null ? null : slot.value();
  }

  private static boolean isBlank(Slot slot) {
    return slot == null || slot.value() == null || slot.value().isBlank();
  }

  /** A text or number that is not blank; else null. */
  private static String scalar(Slot slot, String column) throws UnreadableException {
    if (slot.token() == null) {
      return null;
    }
    if (slot.token() == JsonToken.NOT_AVAILABLE) {
      throw UnreadableException.malformed(slot.tooLong());
    }
    if (!Slot.isScalar(slot.token())) {
      throw UnreadableException.malformed(slot.name(column) + " is neither a text nor a number");
    }
    if (!slot.isStrict() && !JsonText.isWellFormed(slot.value())) {
      throw UnreadableException.malformed("half a surrogate pair");
    }
    return slot.value().isBlank() ? null : slot.value();
  }

  /**
   * The time of the event. By the clock of the device, it is corrected if it is known when the
   * record was sent and received.
   */
  private long time() throws UnreadableException {
    long created = time(time);
    if (isBlank(sent) || isBlank(received)) {
      return created;
    }
    try {
      return Math.subtractExact(time(received), Math.subtractExact(time(sent), created));
    } catch (ArithmeticException e) {
      throw UnreadableException.malformed(TIME + " is beyond all times");
    }
  }

  private long time(Slot slot) throws UnreadableException {
    Long timeMs = Times.millis(slot.value(), formats);
    if (timeMs != null) {
      return timeMs;
    }
    String form =
        formats.equals(List.of(TimeFormat.EPOCH_MS))
            ? " is not a whole number of milliseconds: "
            : formats.stream()
                .map(TimeFormat::text)
                .collect(Collectors.joining(" or ", " is not in format ", ": "));
    throw UnreadableException.malformed(slot.name(TIME) + form + brief(slot.value()));
  }

  private Long order() throws UnreadableException {
    if (isBlank(order)) {
      return null;
    }
    Long position = Numbers.whole(order.value());
    if (position == null) {
      throw UnreadableException.malformed(
          order.name("order") + " is not a whole number: " + brief(order.value()));
    }
    return position;
  }

  /** A user who is set aside often has most records, so the last answer is kept. */
  private boolean isSetAside(String user) {
    if (!user.equals(lastUser)) {
      lastUser = user;
      lastIsSetAside = rules.limits().setAside().contains(user);
    }
    return lastIsSetAside;
  }

  private static String detail(Reason reason, long timeMs, long recordTimeMs) {
    String given = TIME + " " + timeMs + " is ";
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

  private static String brief(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}

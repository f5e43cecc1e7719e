package io.sessionize.trial;

import io.sessionize.event.TopicDefinition;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeMapping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The places that a definition maps, as a tree of the parts of their JSON Pointers. */
final class MappedPlaces {
  private static final List<String> DETAILS = List.of("event_name", "event_type", "event_value");

  private final Map<String, MappedPlaces> children = new HashMap<>();
  private boolean isMapped;

  private MappedPlaces() {}

  /** The places in a record: without those in its elements, if it holds a batch of events. */
  static MappedPlaces ofRecord(TopicDefinition topic) {
    MappedPlaces places = new MappedPlaces();
    boolean isBatch = topic.records() != null;
    all(topic).stream()
        .filter(place -> place.inRecord() || !isBatch)
        .forEach(place -> places.add(place.at()));
    if (isBatch) {
      places.add(topic.records());
    }
    return places;
  }

  /** The places in an element of a batch of events; null if a record is one event. */
  static MappedPlaces ofElement(TopicDefinition topic) {
    if (topic.records() == null) {
      return null;
    }
    MappedPlaces places = new MappedPlaces();
    all(topic).stream().filter(place -> !place.inRecord()).forEach(place -> places.add(place.at()));
    return places;
  }

  private static List<Place> all(TopicDefinition topic) {
    EventMapping event = topic.event();
    List<Place> places = new ArrayList<>(event.uuid());
    TimeMapping time = event.time();
    places.add(event.eventId());
    places.add(time.at());
    places.add(time.created());
    places.add(time.sent());
    places.add(time.received());
    places.add(event.order());
    places.add(event.pageName());
    places.add(event.bookingDetails());
    places.add(event.eventName());
    places.add(event.eventType());
    places.add(event.eventValue());
    Place details = event.details();
    if (details != null) {
      // Its other fields are not used.
      DETAILS.forEach(name -> places.add(new Place(details.at() + "/" + name, details.inRecord())));
    }
    topic.properties().values().forEach(mapping -> places.add(mapping.at()));
    places.removeIf(Objects::isNull);
    return places;
  }

  private void add(String pointer) {
    MappedPlaces place = this;
    if (!pointer.isEmpty()) {
      for (String part : pointer.substring(1).split("/", -1)) {
        String name = part.replace("~1", "/").replace("~0", "~");
        place = place.children.computeIfAbsent(name, key -> new MappedPlaces());
      }
    }
    place.isMapped = true;
  }

  /** Returns whether the whole value here is mapped. */
  boolean isMapped() {
    return isMapped;
  }

  /** Returns the places below a field, or below an element of an array; null for none. */
  MappedPlaces child(String name) {
    return children.get(name);
  }
}

package io.sessionize.event;

import static io.sessionize.event.DefinitionKey.*;

import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.event.TopicDefinition.TimeMapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads places in a record from a definition file.
 *
 * @param records pointer to the array of events; null if a record is one event
 */
record Places(String records) {
  private static final Pattern POINTER = Pattern.compile("(/([^~/]|~[01])*+)*+", Pattern.DOTALL);

  /** The columns of an event. */
  EventMapping event(Map<DefinitionKey, DefinitionNode> keys) {
    return new EventMapping(
        users(keys.get(UUID)),
        place(keys.get(EVENT_ID)),
        time(keys.get(EVENT_TIMESTAMP)),
        place(keys.get(ORDER)),
        place(keys.get(PAGE_NAME)),
        place(keys.get(BOOKING_DETAILS)),
        place(keys.get(EVENT_DETAILS)),
        place(keys.get(EVENT_NAME)),
        place(keys.get(EVENT_TYPE)),
        place(keys.get(EVENT_VALUE)));
  }

  private List<Place> users(DefinitionNode node) {
    List<Place> places = node.elements().stream().map(this::place).toList();
    if (places.isEmpty()) {
      throw node.failure("is an empty list: give at least one place");
    }
    return places;
  }

  private Place place(DefinitionNode node) {
    if (node == null) {
      return null;
    }
    if (!node.isMapping()) {
      return new Place(pointer(node), false);
    }
    Map<DefinitionKey, DefinitionNode> keys = node.keys(Section.PLACE);
    return place(node, keys.get(PLACE_AT), keys.get(PLACE_IN));
  }

  /**
   * A place by its two keys.
   *
   * @param node that holds them
   * @param in may be null
   */
  Place place(DefinitionNode node, DefinitionNode at, DefinitionNode in) {
    if (at == null) {
      throw node.failure("at is missing: give a JSON Pointer, such as /name");
    }
    String pointer = pointer(at);
    boolean inRecord = in != null && in.text().equals("record");
    if (in != null && !inRecord && !in.text().equals("event")) {
      throw in.badValue("give event or record");
    }
    if (inRecord && records == null) {
      throw in.failure("is only for a topic with records: leave it out");
    }
    // Each event of a batch would hold the whole batch.
    if (inRecord && (isWithin(pointer, records) || isWithin(records, pointer))) {
      throw at.badValue("a place in the record must be outside the array " + records);
    }
    return new Place(pointer, inRecord);
  }

  private static boolean isWithin(String pointer, String outer) {
    return pointer.equals(outer) || pointer.startsWith(outer + "/");
  }

  private TimeMapping time(DefinitionNode node) {
    if (!node.isMapping()) {
      return new TimeMapping(place(node), null, null, null, List.of(TimeFormat.EPOCH_MS));
    }
    Map<DefinitionKey, DefinitionNode> keys = node.keys(Section.TIME);
    List<TimeFormat> formats = timeFormats(keys.get(TIME_AS), TimeFormat.EPOCH_MS);
    long clocks =
        List.of(TIME_CREATED, TIME_SENT, TIME_RECEIVED).stream().filter(keys::containsKey).count();
    if (clocks == 0) {
      Place at = place(node, keys.get(TIME_AT), keys.get(TIME_IN));
      return new TimeMapping(at, null, null, null, formats);
    }
    if (clocks < 3 || keys.containsKey(TIME_AT) || keys.containsKey(TIME_IN)) {
      throw node.failure("must have either at, or created, sent and received");
    }
    return new TimeMapping(
        null,
        place(keys.get(TIME_CREATED)),
        place(keys.get(TIME_SENT)),
        place(keys.get(TIME_RECEIVED)),
        formats);
  }

  /**
   * A list of formats of time.
   *
   * @param node may be null
   */
  static List<TimeFormat> timeFormats(DefinitionNode node, TimeFormat otherwise) {
    if (node == null) {
      return List.of(otherwise);
    }
    List<TimeFormat> formats = new ArrayList<>();
    for (DefinitionNode element : node.elements()) {
      TimeFormat format = oneOf(element, TimeFormat.values(), TimeFormat::text, otherwise);
      if (formats.contains(format)) {
        throw element.failure("is given twice: leave one out");
      }
      if (format != TimeFormat.ISO8601 && formats.stream().anyMatch(f -> f != TimeFormat.ISO8601)) {
        throw element.failure(
            "a list has at most one epoch format, since each takes any number: leave one out");
      }
      formats.add(format);
    }
    if (formats.isEmpty()) {
      throw node.failure("is an empty list: give a format, or leave the key out");
    }
    return formats;
  }

  /**
   * The value whose text a node holds.
   *
   * @param node may be null
   */
  static <T> T oneOf(DefinitionNode node, T[] values, Function<T, String> text, T otherwise) {
    if (node == null) {
      return otherwise;
    }
    return Arrays.stream(values)
        .filter(value -> text.apply(value).equals(node.text()))
        .findFirst()
        .orElseThrow(
            () ->
                node.badValue(
                    "give one of "
                        + Arrays.stream(values).map(text).collect(Collectors.joining(", "))));
  }

  /** A JSON Pointer. */
  static String pointer(DefinitionNode node) {
    String text = node.text();
    if (!POINTER.matcher(text).matches()) {
      throw node.badValue(
          "a JSON Pointer is empty or begins with /, and has ~0 for ~ and ~1 for / in a name");
    }
    return text;
  }
}

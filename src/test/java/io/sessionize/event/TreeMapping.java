package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.event.TopicDefinition.TimeMapping;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.PropertyType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rules of a mapping, implemented a second time on a JSON tree: see {@link TreeDecoder}. One
 * object is for one element of a batch.
 */
record TreeMapping(
    TopicDefinition topic, Set<String> placeholders, JsonNode record, JsonNode event) {
  private static final long YEAR_2000 = 946_684_800_000L;
  private static final int LONGEST_IN_RECORD = 1000;

  /** Whether the record is malformed, whatever its elements are. */
  static boolean isMalformed(TopicDefinition topic, JsonNode record) {
    if (record == null || !record.isContainerNode() || !record.at(topic.records()).isArray()) {
      return true;
    }
    TreeMapping mapping = new TreeMapping(topic, Set.of(), record, MissingNode.getInstance());
    TimeMapping time = topic.event().time();
    return Stream.of(time.sent(), time.received())
        .map(mapping::at)
        .anyMatch(node -> !isIdOrNothing(node) || node.asText().length() > LONGEST_IN_RECORD);
  }

  /** The reason to reject the element, or null if it is an event. */
  Reason reason() {
    EventMapping mapping = topic.event();
    boolean isMalformed =
        !event.isObject()
            || Stream.of(mapping.uuid().get(0), mapping.eventId(), mapping.time().created())
                .anyMatch(place -> !isIdOrNothing(at(place)))
            || Stream.of(mapping.order(), mapping.pageName())
                .anyMatch(place -> !isIdOrNothing(at(place)))
            || Stream.of(mapping.bookingDetails(), mapping.eventName(), mapping.eventValue())
                .anyMatch(place -> !isWellFormed(at(place)));
    if (isMalformed) {
      return Reason.MALFORMED;
    }
    List<JsonNode> ids = new ArrayList<>();
    for (Place place : mapping.uuid()) {
      JsonNode id = at(place);
      if (!isIdOrNothing(id)) {
        return Reason.MALFORMED;
      }
      if (!isNothing(id) && !id.asText().isBlank()) {
        ids.add(id);
        if (!isPlaceholder(id)) {
          break;
        }
      }
    }
    if (ids.isEmpty()) {
      return Reason.MISSING_UUID;
    }
    if (ids.stream().allMatch(this::isPlaceholder)) {
      return Reason.PLACEHOLDER_UUID;
    }
    if (isBlank(at(mapping.time().created()))) {
      return Reason.MISSING_TIME;
    }
    Long timeMs = timeMs();
    if (timeMs == null) {
      return Reason.MALFORMED;
    }
    if (timeMs < YEAR_2000) {
      return Reason.BEFORE_2000;
    }
    if (timeMs > Records.SENT + Records.SKEW) {
      return Reason.FUTURE_TIME;
    }
    if (timeMs < Records.SENT - Records.HORIZON) {
      return Reason.BEYOND_HORIZON;
    }
    JsonNode order = at(mapping.order());
    return isBlank(order) || whole(order) != null ? null : Reason.MALFORMED;
  }

  /** Checks the event of the element. */
  void assertIs(String fallbackId, Valid valid) {
    EventMapping mapping = topic.event();
    Event decoded = valid.event();
    JsonNode user =
        mapping.uuid().stream()
            .map(this::at)
            .filter(id -> !isBlank(id) && !isPlaceholder(id))
            .findFirst()
            .orElseThrow();
    FuzzTest.assertHolds(user, valid.uuid());
    assertEquals(timeMs(), decoded.timeMs());
    JsonNode id = at(mapping.eventId());
    if (isBlank(id)) {
      assertEquals(fallbackId, decoded.id());
    } else {
      FuzzTest.assertHolds(id, decoded.id());
    }
    JsonNode order = at(mapping.order());
    assertEquals(isBlank(order) ? null : whole(order), decoded.order());
    FuzzTest.assertHolds(at(mapping.pageName()), decoded.pageName());
    FuzzTest.assertHolds(at(mapping.bookingDetails()), decoded.bookingDetails());
    EventDetails details = decoded.details();
    FuzzTest.assertHolds(at(mapping.eventName()), details == null ? null : details.name());
    FuzzTest.assertHolds(at(mapping.eventValue()), details == null ? null : details.value());
    int[] unfit = {0};
    topic
        .properties()
        .forEach(
            (name, property) -> {
              JsonNode node = at(property.at());
              Object expected = isNothing(node) ? null : value(property, node);
              boolean isBlankText = node.isTextual() && node.textValue().isBlank();
              unfit[0] += !isNothing(node) && !isBlankText && expected == null ? 1 : 0;
              Object value = decoded.property(name);
              if (expected instanceof JsonNode text) {
                FuzzTest.assertHolds(text, (String) value);
              } else {
                assertEquals(expected, value, name);
              }
            });
    assertEquals(unfit[0], valid.unfit());
  }

  /** The value of a property; a text as its node; null if it does not fit. */
  private Object value(PropertyMapping property, JsonNode node) {
    String text = node.asText().replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "");
    switch (property.type().kind()) {
      case STRING:
        boolean isLong = property.at().inRecord() && length(node) > LONGEST_IN_RECORD;
        return isLong || !isWellFormed(node) ? null : node;
      case BOOLEAN:
        boolean isBoolean = node.isBoolean() || node.isTextual();
        return isBoolean && text.equals("true")
            ? Boolean.TRUE
            : isBoolean && text.equals("false") ? Boolean.FALSE : null;
      case LONG:
        return whole(node);
      case TIMESTAMP:
        Instant time = time(node, property.formats());
        boolean isTime =
            time != null
                && time.isAfter(Instant.parse("0000-12-31T23:59:59.999999999Z"))
                && time.isBefore(Instant.parse("+10000-01-01T00:00:00Z"));
        return isTime ? time.truncatedTo(ChronoUnit.MICROS) : null;
      default:
        BigDecimal number = number(node);
        if (number == null) {
          return null;
        }
        if (property.type().kind() == PropertyType.Kind.DOUBLE) {
          double value = number.doubleValue();
          return Double.isInfinite(value) ? null : (Object) (value + 0.0);
        }
        BigDecimal shortest = number.stripTrailingZeros();
        boolean fits =
            number.signum() == 0
                || shortest.scale() <= property.type().scale()
                    && Math.abs((double) shortest.precision() - shortest.scale()) < 100
                    && shortest
                            .abs()
                            .compareTo(
                                BigDecimal.TEN.pow(
                                    property.type().precision() - property.type().scale()))
                        < 0;
        return fits
            ? (number.signum() == 0 ? BigDecimal.ZERO : shortest).setScale(property.type().scale())
            : null;
    }
  }

  private static int length(JsonNode node) {
    return (node.isContainerNode() ? node.toString() : node.asText()).length();
  }

  private JsonNode at(Place place) {
    return (place.inRecord() ? record : event).at(place.at());
  }

  private Long timeMs() {
    TimeMapping mapping = topic.event().time();
    Instant created = time(at(mapping.created()), mapping.formats());
    if (isBlank(at(mapping.sent())) || isBlank(at(mapping.received()))) {
      return created == null ? null : created.toEpochMilli();
    }
    Instant sent = time(at(mapping.sent()), mapping.formats());
    Instant received = time(at(mapping.received()), mapping.formats());
    return Stream.of(created, sent, received).anyMatch(Objects::isNull)
        ? null
        : (Long) (received.toEpochMilli() - (sent.toEpochMilli() - created.toEpochMilli()));
  }

  private static Instant time(JsonNode node, List<TimeFormat> formats) {
    for (TimeFormat format : formats) {
      try {
        if (format == TimeFormat.ISO8601) {
          return OffsetDateTime.parse(node.asText().strip().replaceFirst("(?<=^.{10}) ", "T"))
              .toInstant();
        }
        BigDecimal number = number(node);
        boolean isSmall = number != null && Math.abs((double) number.scale()) < 1500;
        BigDecimal nanos =
            isSmall ? number.movePointRight(format == TimeFormat.EPOCH_S ? 9 : 3) : null;
        if (nanos != null && nanos.abs().compareTo(new BigDecimal("1e25")) < 0) {
          BigDecimal[] parts =
              nanos.setScale(0, RoundingMode.FLOOR).divideAndRemainder(BigDecimal.TEN.pow(9));
          return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
        }
      } catch (DateTimeParseException e) {
        // The next format.
      }
    }
    return null;
  }

  private static Long whole(JsonNode node) {
    BigDecimal number = number(node);
    try {
      return number == null ? null : (Long) number.longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  private static BigDecimal number(JsonNode node) {
    String text = node.asText().replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "");
    boolean isNumber =
        (node.isNumber() || node.isTextual())
            && text.length() <= 1000
            && text.matches("-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,10})?");
    try {
      return isNumber ? new BigDecimal(text) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private boolean isPlaceholder(JsonNode id) {
    return placeholders.contains(id.asText());
  }

  private static boolean isNothing(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static boolean isBlank(JsonNode node) {
    return isNothing(node) || node.asText().isBlank();
  }

  /** Whether it is a text or a number, or not there. */
  private static boolean isIdOrNothing(JsonNode node) {
    return isNothing(node) || node.isNumber() || node.isTextual() && isWellFormed(node);
  }

  private static boolean isWellFormed(JsonNode node) {
    String text = node.isTextual() ? node.textValue() : node.toString();
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}

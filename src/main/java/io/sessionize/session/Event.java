package io.sessionize.session;

import java.util.Comparator;

/**
 * One valid click of one user.
 *
 * <p>Two events with the same {@link #isCopyOf identity} are copies of one click and count once.
 * The copy of the newer definition wins, else the copy with the smallest content, nulls last. So
 * the winner is the same in every replay.
 *
 * <p>The natural order is time, then {@code order}, nulls last, then id by code point.
 *
 * @param timeMs event time, epoch milliseconds
 * @param order position among events of the same time; null if the definition does not set it
 * @param id the event's id, never null; unique for its user and time
 * @param definition number of the definition that decoded it, from 1
 * @param pageName may be null
 * @param bookingDetails may be null
 * @param details may be null
 * @param properties null if no property has a value
 */
public record Event(
    long timeMs,
    Long order,
    String id,
    int definition,
    String pageName,
    String bookingDetails,
    EventDetails details,
    Properties properties)
    implements Comparable<Event> {

  /** The number of the built-in definition. */
  public static final int FIRST_DEFINITION = 1;

  private static final Comparator<Long> ORDER =
      Comparator.nullsLast(Comparator.<Long>naturalOrder());

  /** Orders copies of one click, the winner first. */
  private static final Comparator<Event> WINNER_FIRST =
      Comparator.comparingInt(Event::definition)
          .reversed()
          .thenComparing(Event::order, ORDER)
          .thenComparing(Event::pageName, Texts::compare)
          .thenComparing(Event::bookingDetails, Texts::compare)
          .thenComparing(Event::details, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(Event::properties, Comparator.nullsLast(Comparator.naturalOrder()));

  /** An event of the built-in definition, without an order. */
  public Event(
      long timeMs, String id, String pageName, String bookingDetails, EventDetails details) {
    this(timeMs, null, id, FIRST_DEFINITION, pageName, bookingDetails, details, null);
  }

  /** An event without properties. */
  public Event(
      long timeMs,
      Long order,
      String id,
      int definition,
      String pageName,
      String bookingDetails,
      EventDetails details) {
    this(timeMs, order, id, definition, pageName, bookingDetails, details, null);
  }

  /**
   * Returns the value of a property: see {@link PropertyType} for its class. It is null if the
   * event has none, or if no definition has this property.
   */
  public Object property(String name) {
    return properties == null ? null : properties.get(name);
  }

  /** Whether both are the same click: same id at the same time (of the same user). */
  public boolean isCopyOf(Event other) {
    return timeMs == other.timeMs && id.equals(other.id);
  }

  /** Whether a copy has another content, although the same definition decoded both. */
  boolean conflictsWith(Event copy) {
    return definition == copy.definition && !equals(copy);
  }

  /** Orders by time and id, so that copies are adjacent, the winner first. */
  static int compareCopies(Event one, Event other) {
    int byTime = Long.compare(one.timeMs, other.timeMs);
    if (byTime != 0) {
      return byTime;
    }
    int byId = Texts.compare(one.id, other.id);
    return byId != 0 ? byId : WINNER_FIRST.compare(one, other);
  }

  @Override
  public int compareTo(Event other) {
    int byTime = Long.compare(timeMs, other.timeMs);
    if (byTime != 0) {
      return byTime;
    }
    int byOrder = ORDER.compare(order, other.order);
    return byOrder != 0 ? byOrder : Texts.compare(id, other.id);
  }
}

package io.sessionize.session;

/**
 * One valid click of one user.
 *
 * <p>Two events with the same {@link #isCopyOf identity} are copies of one click and count once.
 * The natural order is time, then id, then content, so that of two copies whose contents differ the
 * first in order is the same one in every replay.
 *
 * @param timeMs when it happened, epoch milliseconds
 * @param id the event's id, never null; unique for its user and time
 * @param pageName may be null
 * @param bookingDetails may be null
 * @param details may be null
 */
public record Event(
    long timeMs, String id, String pageName, String bookingDetails, EventDetails details)
    implements Comparable<Event> {

  /** Whether both are the same click: same id at the same time (of the same user). */
  public boolean isCopyOf(Event other) {
    return timeMs == other.timeMs && id.equals(other.id);
  }

  /** Compares identities alone: time, then id by code point. */
  public int compareIdentity(Event other) {
    int byTime = Long.compare(timeMs, other.timeMs);
    return byTime != 0 ? byTime : Texts.compare(id, other.id);
  }

  @Override
  public int compareTo(Event other) {
    int byIdentity = compareIdentity(other);
    if (byIdentity != 0) {
      return byIdentity;
    }
    int byPage = Texts.compare(pageName, other.pageName);
    if (byPage != 0) {
      return byPage;
    }
    int byBooking = Texts.compare(bookingDetails, other.bookingDetails);
    if (byBooking != 0) {
      return byBooking;
    }
    if (details == null || other.details == null) {
      return Boolean.compare(details != null, other.details != null);
    }
    return details.compareTo(other.details);
  }
}

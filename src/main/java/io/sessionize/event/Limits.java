package io.sessionize.event;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.session.SetAside;
import java.io.Serializable;
import java.time.Instant;

/**
 * Decides whether a record is a valid event, from its user and from its time against its own Kafka
 * record only, not against a clock or the watermark. So the result is the same in every replay.
 *
 * @param clockSkewMs how far an event may be after its own record's timestamp, milliseconds
 * @param lateHorizonMs how far an event may be before its own record's timestamp, milliseconds;
 *     null for no limit
 * @param setAside users whose events are rejected
 */
public record Limits(long clockSkewMs, Long lateHorizonMs, SetAside setAside)
    implements Serializable {
  private static final long YEAR_2000_MS = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
  private static final long YEAR_10000_MS = Instant.parse("+10000-01-01T00:00:00Z").toEpochMilli();

  /** Limits without a user who is set aside. */
  public Limits(long clockSkewMs, Long lateHorizonMs) {
    this(clockSkewMs, lateHorizonMs, SetAside.NONE);
  }

  /**
   * Whether a record's own timestamp can be used. It is absent (-1) in old message formats, and a
   * producer can set any value: 0, seconds, nanoseconds.
   */
  public static boolean isKnown(long recordTimeMs) {
    return recordTimeMs >= YEAR_2000_MS && recordTimeMs < YEAR_10000_MS;
  }

  /**
   * The reason to reject an event of this time; null if it is valid.
   *
   * @param timeMs the event's time, epoch milliseconds
   * @param recordTimeMs its record's Kafka timestamp, epoch milliseconds
   */
  public Reason rejects(long timeMs, long recordTimeMs) {
    if (timeMs < YEAR_2000_MS) {
      return Reason.BEFORE_2000;
    }
    // A table cannot store a later year as a timestamp.
    if (timeMs >= YEAR_10000_MS) {
      return Reason.FUTURE_TIME;
    }
    if (!isKnown(recordTimeMs)) {
      return null;
    }
    if (timeMs - clockSkewMs > recordTimeMs) {
      return Reason.FUTURE_TIME;
    }
    boolean late = lateHorizonMs != null && timeMs < recordTimeMs - lateHorizonMs;
    return late ? Reason.BEYOND_HORIZON : null;
  }
}

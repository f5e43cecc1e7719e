package io.sessionize.event;

import io.sessionize.session.Event;

/** The result of decoding one Kafka record: a valid event or a rejection. */
public sealed interface Decoded {

  /** A valid event of a user. */
  record Valid(String uuid, Event event) implements Decoded {}

  /**
   * A record that cannot be sessionized.
   *
   * @param detail description of the error
   */
  record Rejected(Reason reason, String detail) implements Decoded {}

  /** Why a record was rejected. */
  enum Reason {
    /** Not one JSON object in UTF-8 with fields of the expected types. */
    MALFORMED("malformed"),
    MISSING_UUID("missing_uuid"),
    MISSING_TIME("missing_time"),
    /**
     * After its own Kafka record by more than the allowed clock skew, or after the year 9999, for
     * example microseconds sent as milliseconds.
     */
    FUTURE_TIME("future_time"),
    /** Before 2000-01-01, for example seconds sent as milliseconds. */
    BEFORE_2000("before_2000"),
    /** Before its own Kafka record by more than the late horizon, if one is set. */
    BEYOND_HORIZON("beyond_horizon"),
    /** A valid event of a user who is set aside. */
    SET_ASIDE("set_aside");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** The value of column {@code reason}. */
    public String text() {
      return text;
    }
  }
}

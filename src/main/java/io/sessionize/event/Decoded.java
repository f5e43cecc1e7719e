package io.sessionize.event;

import io.sessionize.session.Event;

/** What one Kafka record turned out to be: always one of the two, so that counts add up. */
public sealed interface Decoded {

  /** A valid event of this user. */
  record Valid(String uuid, Event event) implements Decoded {}

  /**
   * A record that cannot be sessionized.
   *
   * @param detail what is wrong, for people
   */
  record Rejected(Reason reason, String detail) implements Decoded {}

  /** Why a record was rejected. */
  enum Reason {
    /** Not one JSON object in UTF-8 whose fields have the types that they should have. */
    MALFORMED("malformed"),
    MISSING_UUID("missing_uuid"),
    MISSING_TIME("missing_time"),
    /**
     * Later than its own Kafka record by more than the clock skew allowed, or than the year 9999:
     * microseconds, sent as milliseconds.
     */
    FUTURE_TIME("future_time"),
    /** Before 2000-01-01: seconds, sent as milliseconds. */
    BEFORE_2000("before_2000"),
    /** Earlier than its own Kafka record by more than the late horizon, where one is set. */
    BEYOND_HORIZON("beyond_horizon");

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

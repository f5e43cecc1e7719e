package io.sessionize.event;

import io.sessionize.session.Event;

/**
 * What becomes of a Kafka record, or of one element of a batch of events: an event or a rejection.
 */
public sealed interface Decoded {

  /**
   * A valid event of a user. A filter may still leave it out.
   *
   * @param unfit how many of its properties have a value that does not fit their type
   */
  record Valid(String uuid, Event event, int unfit) implements Decoded {}

  /**
   * A record, or an element of one, that cannot be sessionized.
   *
   * @param detail description of the error
   * @param index of the element; null if the whole record is rejected
   * @param element the value of the element; null if the whole record is rejected
   */
  record Rejected(Reason reason, String detail, Integer index, byte[] element) implements Decoded {

    /** A rejection of the whole record. */
    public Rejected(Reason reason, String detail) {
      this(reason, detail, null, null);
    }
  }

  /** Why a record was rejected. */
  enum Reason {
    /** Not in the format of its topic, or with a field of another type than is expected. */
    MALFORMED("malformed"),
    /** Written with a schema that the registry does not have. */
    UNKNOWN_SCHEMA("unknown_schema"),
    MISSING_UUID("missing_uuid"),
    /** Each id of the user is a placeholder, such as {@code null} or {@code undefined}. */
    PLACEHOLDER_UUID("placeholder_uuid"),
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

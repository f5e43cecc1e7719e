package io.sessionize.session;

/**
 * Why a session ends where it does, according to the events seen so far. It depends on the user's
 * next event only, never on the watermark.
 */
public enum CloseReason {
  /** The next event is later than the inactivity timeout, or there is none yet. */
  INACTIVITY("inactivity"),
  /** The next event is within the timeout, but exceeds the maximum duration. */
  MAX_DURATION("max_duration"),
  /** A boundary rule starts a new session with the next event. */
  BOUNDARY("boundary");

  private final String text;

  CloseReason(String text) {
    this.text = text;
  }

  /** Returns the value of column {@code close_reason}. */
  public String text() {
    return text;
  }

  /** Returns the reason with this text; null for any other text (a row altered by hand). */
  public static CloseReason of(String text) {
    for (CloseReason reason : values()) {
      if (reason.text.equals(text)) {
        return reason;
      }
    }
    return null;
  }
}

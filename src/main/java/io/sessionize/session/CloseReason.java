package io.sessionize.session;

/**
 * Why a session ends where it does, as far as the events seen so far tell. It depends on the user's
 * next event alone, never on the watermark.
 */
public enum CloseReason {
  /** The next event came later than the inactivity timeout, or has not come. */
  INACTIVITY("inactivity"),
  /** The next event came in time but would have made the session too long. */
  MAX_DURATION("max_duration"),
  /** A boundary rule split here. */
  BOUNDARY("boundary");

  private final String text;

  CloseReason(String text) {
    this.text = text;
  }

  /** The value of column {@code close_reason}. */
  public String text() {
    return text;
  }

  /** The reason with this text; anything else (a row altered by hand) is null. */
  public static CloseReason of(String text) {
    for (CloseReason reason : values()) {
      if (reason.text.equals(text)) {
        return reason;
      }
    }
    return null;
  }
}

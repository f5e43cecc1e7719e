package io.sessionize.event;

import io.sessionize.event.Decoded.Reason;
import java.io.IOException;

/** A record cannot be read in the format of its topic. It has no stack trace: it is expected. */
public final class UnreadableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  public UnreadableException(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  /** A record that is not in the format of its topic. */
  public static UnreadableException malformed(String detail) {
    return new UnreadableException(Reason.MALFORMED, detail);
  }

  /** A record on which a decoder fails. It is rejected: else it would stop each run. */
  static UnreadableException unexpected(RuntimeException cause) {
    return malformed("it cannot be decoded: " + cause);
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}

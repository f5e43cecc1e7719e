package io.sessionize.source;

/** Formats exceptions of Kafka's clients for users. */
public final class KafkaErrors {
  private KafkaErrors() {}

  /**
   * Returns one line without a full stop: the message of the exception and that of its cause. The
   * first message alone is often only "SSL handshake failed".
   */
  public static String line(Throwable thrown) {
    Throwable cause = thrown.getCause();
    if (cause == null) {
      return firstLine(thrown);
    }
    boolean hasNoOwnMessage = cause.toString().equals(thrown.getMessage());
    return hasNoOwnMessage ? line(cause) : firstLine(thrown) + ": " + firstLine(cause);
  }

  private static String firstLine(Throwable thrown) {
    String message = thrown.getMessage();
    String text = message == null ? thrown.getClass().getSimpleName() : message;
    return text.lines().findFirst().orElse("").strip().replaceFirst("[.]$", "");
  }
}

package io.sessionize.source;

/** What Kafka's clients throw, for people. */
public final class KafkaErrors {
  private KafkaErrors() {}

  /**
   * One line without a full stop: what it says, and what its cause says. The former alone is often
   * no more than "SSL handshake failed".
   */
  public static String line(Throwable thrown) {
    Throwable cause = thrown.getCause();
    if (cause == null) {
      return firstLine(thrown);
    }
    boolean saysNothingItself = cause.toString().equals(thrown.getMessage());
    return saysNothingItself ? line(cause) : firstLine(thrown) + ": " + firstLine(cause);
  }

  private static String firstLine(Throwable thrown) {
    String message = thrown.getMessage();
    String text = message == null ? thrown.getClass().getSimpleName() : message;
    return text.lines().findFirst().orElse("").strip().replaceFirst("[.]$", "");
  }
}

package io.sessionize.source;

import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;

/** Recognizes exceptions of Kafka's clients and of Spark's Kafka source, and formats them. */
public final class KafkaErrors {
  /** Part of every message of Spark's Kafka source about lost data, and of no other. */
  private static final String DATA_LOSS = "Some data may have been lost";

  private KafkaErrors() {}

  /** Whether offsets that were to be read are not there any more. */
  public static boolean isDataLoss(Throwable thrown) {
    return thrown instanceof OffsetOutOfRangeException
        || thrown instanceof IllegalStateException
            && String.valueOf(thrown.getMessage()).contains(DATA_LOSS);
  }

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

package io.sessionize.job;

import java.util.Optional;

/**
 * The records of a batch have more bytes than a batch may have. The batch has published nothing. It
 * has no stack trace: it is expected, and Spark logs it.
 */
public final class BatchTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long records;

  /**
   * @param records that one process has read before it reached the limit
   * @param limit bytes
   */
  public BatchTooLargeException(long records, long limit) {
    super(
        String.format(
            "the batch is too large: %,d of its records have more than %,d bytes", records, limit),
        null,
        false,
        false);
    this.records = records;
  }

  /** Finds the exception among the causes of another one. */
  public static Optional<BatchTooLargeException> in(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof BatchTooLargeException large) {
        return Optional.of(large);
      }
    }
    return Optional.empty();
  }

  /** How many records the next, smaller batch should have. */
  long partSize() {
    return Math.max(1, records / 2);
  }
}

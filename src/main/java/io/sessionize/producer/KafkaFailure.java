package io.sessionize.producer;

import io.sessionize.Failure;
import io.sessionize.source.KafkaErrors;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Converts exceptions of Kafka's clients to a {@link Failure}, which says whether a retry helps.
 */
final class KafkaFailure {
  private KafkaFailure() {}

  /**
   * @param failed the failed action, as a sentence without a full stop
   * @param advice what to do, as a whole sentence
   */
  static Failure of(Throwable thrown, String failed, String advice) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException || cause.getClass() == KafkaException.class)) {
      cause = cause.getCause();
    }
    String line = failed + ": " + KafkaErrors.line(cause) + ". " + advice;
    return isConfiguration(cause)
        ? new Failure(Failure.Kind.USAGE, line, thrown)
        : new Failure(Failure.Kind.UNREACHABLE, line, thrown);
  }

  /** Returns whether every retry fails until the configuration changes. */
  private static boolean isConfiguration(Throwable cause) {
    if (!(cause instanceof ApiException)) {
      // The client did not start: its settings are wrong, except for a name that does not resolve.
      return !KafkaErrors.line(cause).startsWith("No resolvable");
    }
    return cause instanceof AuthenticationException
        || cause instanceof AuthorizationException
        || cause instanceof InvalidConfigurationException
        || cause instanceof InvalidPartitionsException
        || cause instanceof InvalidTopicException
        || cause instanceof PolicyViolationException
        || cause instanceof RecordTooLargeException;
  }
}

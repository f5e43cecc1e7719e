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

/** What Kafka's clients throw, as one line that says whether a retry helps. */
final class KafkaFailure {
  private KafkaFailure() {}

  /**
   * @param failed what could not be done, as a sentence without a full stop
   * @param advice what to do about it, as a whole sentence
   */
  static Failure of(Throwable thrown, String failed, String advice) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException || cause.getClass() == KafkaException.class)) {
      cause = cause.getCause();
    }
    String line = failed + ": " + KafkaErrors.line(cause) + ". " + advice;
    return isOurs(cause)
        ? new Failure(Failure.Kind.USAGE, line, thrown)
        : new Failure(Failure.Kind.UNREACHABLE, line, thrown);
  }

  /** Whether it will be the same at every retry, until someone changes the settings. */
  private static boolean isOurs(Throwable cause) {
    if (!(cause instanceof ApiException)) {
      // Not from a broker: a client that would not start. Names may fail to resolve for a while.
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

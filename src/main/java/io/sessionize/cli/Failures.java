package io.sessionize.cli;

import io.sessionize.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;

/** Turns what was thrown, by us or by a library, into a line to show and an exit code. */
final class Failures {
  /** What Spark's Kafka source says in every exception about lost data, and only there. */
  private static final String DATA_LOSS = "Some data may have been lost";

  private Failures() {}

  static Failure explain(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    for (Throwable t : chain) {
      if (t instanceof Failure failure) {
        return failure;
      }
      if (t instanceof AuthenticationException || t instanceof AuthorizationException) {
        return Failure.usage("Kafka refused us: %s. See --kafka-properties.", oneLine(t));
      }
      if (t instanceof CommitStateUnknownException
          || t instanceof RetriableException
          || t instanceof TimeoutException) {
        return Failure.unreachable(thrown, "A service could not be reached: %s.", oneLine(t));
      }
      if (t instanceof CommitFailedException || t instanceof ValidationException) {
        return Failure.conflict(thrown, "Another writer was faster, retry: %s", oneLine(t));
      }
      if (t instanceof IllegalStateException
          && String.valueOf(t.getMessage()).contains(DATA_LOSS)) {
        return new Failure(
            Failure.Kind.BROKEN,
            "Kafka no longer holds what was to be read: it was past the topic's retention, or the"
                + " topic was made anew: "
                + oneLine(t),
            thrown);
      }
    }
    Throwable root = chain.get(chain.size() - 1);
    return new Failure(
        Failure.Kind.OTHER,
        root.getClass().getSimpleName() + ": " + oneLine(root) + " (the log has the whole trace)",
        thrown);
  }

  private static String oneLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end).strip();
  }
}

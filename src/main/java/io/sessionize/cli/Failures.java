package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.source.KafkaErrors;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.spark.SparkThrowable;

/** Turns what was thrown, by us or by a library, into a line to show and an exit code. */
public final class Failures {
  /** What Spark's Kafka source says in every exception about lost data, and only there. */
  private static final String DATA_LOSS = "Some data may have been lost";

  /** What Spark says to the loser of two drivers on one checkpoint. */
  private static final String SHARED_CHECKPOINT = "CONCURRENT_STREAM_LOG_UPDATE";

  private Failures() {}

  public static Failure explain(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    for (Throwable t : chain) {
      Failure known = known(t, chain);
      if (known != null) {
        return known;
      }
    }
    Throwable root = chain.get(chain.size() - 1);
    return new Failure(
        Failure.Kind.OTHER,
        root.getClass().getSimpleName() + ": " + oneLine(root) + " (the log has the whole trace)",
        thrown);
  }

  private static Failure known(Throwable t, List<Throwable> chain) {
    Throwable whole = chain.get(0);
    if (t instanceof Failure failure) {
      return failure;
    }
    if (t instanceof AuthenticationException || t instanceof AuthorizationException) {
      return Failure.usage("Kafka refused us: %s. See --kafka-properties.", KafkaErrors.line(t));
    }
    if (t instanceof NotAuthorizedException || t instanceof ForbiddenException) {
      return Failure.usage("The Iceberg catalog refused us: %s.", oneLine(t));
    }
    if (isDataLoss(t)) {
      return new Failure(
          Failure.Kind.BROKEN,
          "Kafka no longer holds what was to be read: it was past the topic's retention, or the"
              + " topic was made anew: "
              + oneLine(t),
          whole);
    }
    if (t instanceof CommitStateUnknownException
        || t instanceof RESTException
        || t instanceof RetriableException
        || t instanceof TimeoutException
        || isNetwork(t)) {
      // The client of a catalog or store says less than the cause within, which has the address.
      Throwable cause = chain.stream().filter(Failures::isNetwork).findFirst().orElse(t);
      return Failure.unreachable(whole, "A service could not be reached: %s.", oneLine(cause));
    }
    if (t instanceof CommitFailedException
        || t instanceof ValidationException
        || String.valueOf(t.getMessage()).contains(SHARED_CHECKPOINT)) {
      return Failure.conflict(whole, "Another writer was faster, retry: %s", oneLine(t));
    }
    if (isAnotherPlatform(t)) {
      // Trying again finds the same classes.
      return new Failure(
          Failure.Kind.USAGE,
          "The platform's classes are not those that this job was built for ("
              + t.getClass().getSimpleName()
              + ": "
              + oneLine(t)
              + "): it needs Java 17, and Spark 3.5 with Scala 2.12.",
          whole);
    }
    if (t instanceof OutOfMemoryError) {
      return new Failure(
          Failure.Kind.OTHER,
          "Out of memory (" + oneLine(t) + "): raise SESSIONIZE_HEAP, or spark.executor.memory.",
          whole);
    }
    return null;
  }

  /** Whether the classes that were found are not those that this job was compiled against. */
  private static boolean isAnotherPlatform(Throwable t) {
    return t instanceof IncompatibleClassChangeError
        || t instanceof UnsupportedClassVersionError
        // Not one whose initializer has failed before, of whatever.
        || t instanceof NoClassDefFoundError
            && !String.valueOf(t.getMessage()).startsWith("Could not initialize");
  }

  private static boolean isNetwork(Throwable t) {
    return t instanceof ConnectException
        || t instanceof NoRouteToHostException
        || t instanceof SocketTimeoutException
        || t instanceof UnknownHostException;
  }

  private static boolean isDataLoss(Throwable t) {
    return t instanceof UnknownTopicOrPartitionException
        || t instanceof IllegalStateException && String.valueOf(t.getMessage()).contains(DATA_LOSS)
        || t instanceof SparkThrowable spark
            && spark.getErrorClass() != null
            && spark.getErrorClass().contains("TOPIC_PARTITION");
  }

  private static String oneLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end).strip();
  }
}

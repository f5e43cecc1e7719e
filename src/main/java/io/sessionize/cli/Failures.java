package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.source.KafkaErrors;
import io.sessionize.spark.StorageErrors;
import io.sessionize.spark.internal.LargeUserException;
import java.net.BindException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.spark.SparkThrowable;

/**
 * Converts an exception of this job or of a library to a {@link Failure}: one line to show, and an
 * exit code.
 */
public final class Failures {
  /** Class of the SQL states of a JDBC catalog's connection. */
  private static final String SQL_CONNECTION = "08";

  /** Error class of the driver that loses when two use one checkpoint. */
  private static final String SHARED_CHECKPOINT = "CONCURRENT_STREAM_LOG_UPDATE";

  /** How the messages of Iceberg's validation of concurrent changes begin. */
  private static final List<String> CONFLICTS =
      List.of(
          "Found conflicting",
          "Found new conflicting",
          "Found new position delete",
          "Cannot commit, missing data files",
          "Cannot commit, found new",
          "Found concurrently added",
          "Missing required files to delete",
          "Cannot determine history",
          "Snapshot ancestry validation failed");

  /** Error classes of memory below Spark's minimum, and the setting of each. */
  private static final Map<String, String> TOO_SMALL =
      Map.of(
          "INVALID_DRIVER_MEMORY", "SESSIONIZE_HEAP, or spark.driver.memory with spark-submit",
          "INVALID_EXECUTOR_MEMORY", "spark.executor.memory");

  private static final int MOST_OF_A_USER = 200;

  private Failures() {}

  /**
   * Returns the failure for an exception. The outermost cause of a known kind decides; an unknown
   * exception is reported by its root cause.
   */
  public static Failure explain(Throwable thrown) {
    List<Throwable> chain = Failure.chain(thrown);
    // A full disk is the cause, whatever an outer exception reports.
    Optional<Failure> storage = StorageErrors.explain(chain);
    if (storage.isPresent()) {
      return storage.get();
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
        root.getClass().getSimpleName()
            + ": "
            + oneLine(root)
            + " (see the log for the stack trace)",
        thrown);
  }

  private static Failure known(Throwable t, List<Throwable> chain) {
    Throwable whole = chain.get(0);
    if (t instanceof Failure failure) {
      return failure;
    }
    if (t instanceof LargeUserException large) {
      return tooManyEvents(large, whole);
    }
    if (t instanceof AuthenticationException || t instanceof AuthorizationException) {
      return Failure.usage(
          "Kafka denied access: %s. Check --kafka-properties.", KafkaErrors.line(t));
    }
    if (t instanceof NotAuthorizedException || t instanceof ForbiddenException) {
      return Failure.usage("The Iceberg catalog denied access: %s.", oneLine(t));
    }
    if (t instanceof SparkThrowable spark
        && spark.getErrorClass() != null
        && TOO_SMALL.containsKey(spark.getErrorClass())) {
      return tooSmall(spark);
    }
    if (isDataLoss(t)) {
      return new Failure(
          Failure.Kind.BROKEN,
          "Kafka no longer has the records to read, because the topic's retention deleted them or"
              + " the topic was recreated: "
              + oneLine(t),
          whole);
    }
    if (isRefused(t)) {
      return new Failure(
          Failure.Kind.USAGE, "The Iceberg catalog refused a request: " + oneLine(t), whole);
    }
    if (isClockBehind(t)) {
      return new Failure(
          Failure.Kind.OTHER,
          "The clock of this host is behind that of another writer, and Iceberg refuses the commit:"
              + " "
              + oneLine(t)
              + ". Synchronize the clock, then run again.",
          whole);
    }
    if (t instanceof CommitStateUnknownException
        || t instanceof RESTException
        || t instanceof RetriableException
        || t instanceof TimeoutException
        || isNetwork(t)) {
      // The inner cause names the address; the exception of a catalog or store may not.
      Throwable cause = chain.stream().filter(Failures::isNetwork).findFirst().orElse(t);
      return Failure.unreachable(whole, "A service could not be reached: %s.", oneLine(cause));
    }
    if (t instanceof CommitFailedException
        || isConflict(t)
        || message(t).contains(SHARED_CHECKPOINT)) {
      return Failure.conflict(whole, "Another writer was faster; retry: %s", oneLine(t));
    }
    if (t instanceof ValidationException) {
      return new Failure(Failure.Kind.USAGE, "Iceberg refused the change: " + oneLine(t), whole);
    }
    if (isAnotherPlatform(t)) {
      // A retry finds the same classes.
      return new Failure(
          Failure.Kind.USAGE,
          "The classes of the platform are not those that this job was built for ("
              + t.getClass().getSimpleName()
              + ": "
              + oneLine(t)
              + "): it needs Java 17 or 21, and Spark 3.5 with Scala 2.12.",
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

  /** Returns whether the catalog answered that the request itself is wrong (400, 422). */
  private static boolean isRefused(Throwable t) {
    return t instanceof BadRequestException || t instanceof UnprocessableEntityException;
  }

  /**
   * Returns whether Iceberg found a snapshot or a metadata file in the future. It allows one
   * minute.
   */
  private static boolean isClockBehind(Throwable t) {
    return t instanceof ValidationException && message(t).startsWith("Invalid snapshot timestamp")
        || t instanceof IllegalArgumentException
            && message(t).startsWith("Invalid update timestamp");
  }

  /**
   * Returns whether Iceberg's validation found a change by another writer. Other failed validations
   * have the same type; they are not the fault of another writer.
   */
  private static boolean isConflict(Throwable t) {
    return t instanceof ValidationException
        && CONFLICTS.stream().anyMatch(begin -> message(t).startsWith(begin));
  }

  private static String message(Throwable t) {
    return String.valueOf(t.getMessage());
  }

  /** A retry has the same events. The user is personal data, which the log does not hold. */
  private static Failure tooManyEvents(LargeUserException large, Throwable whole) {
    String told =
        String.format(
            " has too many events for the memory of one task (at least %,d). This batch published"
                + " nothing. Raise SESSIONIZE_HEAP, or spark.executor.memory, or set the user aside"
                + " with run --set-aside-users FILE.",
            large.events());
    return new Failure(
        Failure.Kind.USAGE,
        "User '" + shortened(large.user()) + "'" + told,
        "A user, who is shown on the terminal," + told,
        whole);
  }

  /** Spark's own message names options of spark-submit, which the launcher does not have. */
  private static Failure tooSmall(SparkThrowable spark) {
    Map<String, String> sizes = spark.getMessageParameters();
    String given = sizes.getOrDefault("systemMemory", sizes.get("executorMemory"));
    return Failure.usage(
        "The memory for Spark is too small (%s bytes; it needs at least %s): raise %s.",
        given, sizes.get("minSystemMemory"), TOO_SMALL.get(spark.getErrorClass()));
  }

  private static String shortened(String user) {
    return user == null || user.length() <= MOST_OF_A_USER
        ? user
        : user.substring(0, MOST_OF_A_USER) + "...";
  }

  /** Returns whether the classes at run time differ from those of the build. */
  private static boolean isAnotherPlatform(Throwable t) {
    return t instanceof IncompatibleClassChangeError
        || t instanceof UnsupportedClassVersionError
        // A failed initializer of a class has other causes.
        || t instanceof NoClassDefFoundError && !message(t).startsWith("Could not initialize");
  }

  private static boolean isNetwork(Throwable t) {
    return t instanceof SocketException && !(t instanceof BindException)
        || t instanceof SocketTimeoutException
        || t instanceof UnknownHostException
        || t instanceof SQLTransientException
        || t instanceof SQLException sql
            && String.valueOf(sql.getSQLState()).startsWith(SQL_CONNECTION);
  }

  private static boolean isDataLoss(Throwable t) {
    return t instanceof UnknownTopicOrPartitionException
        || KafkaErrors.isDataLoss(t)
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

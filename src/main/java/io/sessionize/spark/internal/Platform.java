package io.sessionize.spark.internal;

import io.sessionize.Failure;
import java.security.CodeSource;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks that this job runs on a Spark version that it supports. */
public final class Platform {
  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);
  private static final String SPARK = "3.5";
  private static final Set<Integer> JAVA = Set.of(17, 21);
  private static final String CONVERTER = "org.apache.spark.sql.kafka010.KafkaRecordToRowConverter";

  private Platform() {}

  /**
   * Checks the platform before a session is started.
   *
   * @throws Failure of usage, if Java or Spark has another version or the Kafka connector is
   *     missing
   */
  public static void check() {
    requireJava(Runtime.version().feature());
    requireSpark(org.apache.spark.package$.MODULE$.SPARK_VERSION());
    try {
      Class<?> converter = Class.forName(CONVERTER);
      if (!isFromSamePlace(converter, Platform.class)) {
        LOG.warn(
            "The platform has its own Kafka connector ({}), which replaces the one of this job: a record with a"
                + " timestamp in nanoseconds then ends every run. Remove it, or set"
                + " spark.driver.userClassPathFirst and spark.executor.userClassPathFirst.",
            place(converter));
      }
    } catch (ClassNotFoundException e) {
      throw Failure.usage(
          "The Kafka connector is not on the class path (%s): submit the job's own jar.",
          CONVERTER);
    }
  }

  static void requireJava(int version) {
    if (!JAVA.contains(version)) {
      throw Failure.usage("Java %d is not supported: set JAVA_HOME to a JDK 17 or 21.", version);
    }
  }

  static void requireSpark(String version) {
    if (!version.startsWith(SPARK + ".")) {
      throw Failure.usage(
          "This job needs Spark %s with Scala 2.12, but this is Spark %s: set SPARK_HOME to a Spark %s.",
          SPARK, version, SPARK);
    }
  }

  static boolean isFromSamePlace(Class<?> one, Class<?> other) {
    return Objects.equals(place(one), place(other));
  }

  private static String place(Class<?> loaded) {
    CodeSource source = loaded.getProtectionDomain().getCodeSource();
    return source == null ? null : String.valueOf(source.getLocation());
  }
}

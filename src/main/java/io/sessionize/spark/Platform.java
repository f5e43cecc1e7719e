package io.sessionize.spark;

import io.sessionize.Failure;
import java.util.Set;

/** Checks that this job runs on a Spark version that it supports. */
public final class Platform {
  private static final String SPARK = "3.5";
  private static final Set<Integer> JAVA = Set.of(17, 21);
  private static final String CONNECTOR = "org.apache.spark.sql.kafka010.KafkaSourceProvider";

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
      Class.forName(CONNECTOR);
    } catch (ClassNotFoundException e) {
      throw Failure.usage(
          "The Kafka connector is not on the class path (%s): submit the job's own jar.",
          CONNECTOR);
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
}

package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  private static final List<String> REDIRECTING = List.of("spark.wap.id", "spark.wap.branch");

  @AfterEach
  void clear() {
    for (String setting : REDIRECTING) {
      System.clearProperty(setting);
      TestSpark.session().conf().unset(setting);
      TestSpark.session().sharedState().conf().remove(setting);
    }
  }

  @Test
  void redirectingSettingsOfTheCommandLineAreRemoved() {
    assertNotRedirected(start(Map.of("spark.wap.id", "a", "spark.wap.branch", "b")));
  }

  @Test
  void redirectingSystemPropertiesAreRemoved() {
    REDIRECTING.forEach(setting -> System.setProperty(setting, "nightly"));
    assertNotRedirected(start(Map.of()));
  }

  @Test
  void redirectingSettingsOfAnExistingSessionAreRemoved() {
    REDIRECTING.forEach(setting -> TestSpark.session().conf().set(setting, "nightly"));
    assertNotRedirected(start(Map.of()));
  }

  @Test
  void redirectingSettingsOfTheContextAreRemovedForStreams() {
    SparkConf context = TestSpark.session().sharedState().conf();
    REDIRECTING.forEach(setting -> context.set(setting, "nightly"));
    assertEquals("nightly", TestSpark.session().newSession().conf().get("spark.wap.id"));
    assertNotRedirected(SparkSessions.forStreams(TestSpark.session()));
  }

  /** Starts the tests' session again, as a command does. */
  private static SparkSession start(Map<String, String> settings) {
    SparkSession tests = TestSpark.session();
    SparkSession started = SparkSessions.start(TestSpark.warehouse().toString(), settings);
    assertEquals(tests.sparkContext(), started.sparkContext());
    return started;
  }

  private static void assertNotRedirected(SparkSession spark) {
    REDIRECTING.forEach(setting -> assertFalse(spark.conf().contains(setting), setting));
  }
}

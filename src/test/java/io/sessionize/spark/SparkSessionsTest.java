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
  private static final List<String> DIVERTING = List.of("spark.wap.id", "spark.wap.branch");

  @AfterEach
  void clear() {
    for (String setting : DIVERTING) {
      System.clearProperty(setting);
      TestSpark.session().conf().unset(setting);
      TestSpark.session().sharedState().conf().remove(setting);
    }
  }

  @Test
  void whatSendsWritesElsewhereIsNotTakenOverFromTheCommandLine() {
    assertGoesWhereItIsTold(start(Map.of("spark.wap.id", "a", "spark.wap.branch", "b")));
  }

  @Test
  void norFromJavaAsSparkSubmitPassesIt() {
    DIVERTING.forEach(setting -> System.setProperty(setting, "nightly"));
    assertGoesWhereItIsTold(start(Map.of()));
  }

  @Test
  void norFromASessionThatIsThere() {
    DIVERTING.forEach(setting -> TestSpark.session().conf().set(setting, "nightly"));
    assertGoesWhereItIsTold(start(Map.of()));
  }

  @Test
  void norFromTheContextInTheSessionForStreams() {
    SparkConf context = TestSpark.session().sharedState().conf();
    DIVERTING.forEach(setting -> context.set(setting, "nightly"));
    assertEquals("nightly", TestSpark.session().newSession().conf().get("spark.wap.id"));
    assertGoesWhereItIsTold(SparkSessions.forStreams(TestSpark.session()));
  }

  /** The tests' own session, started again as a command would. */
  private static SparkSession start(Map<String, String> settings) {
    SparkSession tests = TestSpark.session();
    SparkSession started = SparkSessions.start(TestSpark.warehouse().toString(), settings);
    assertEquals(tests.sparkContext(), started.sparkContext());
    return started;
  }

  private static void assertGoesWhereItIsTold(SparkSession spark) {
    DIVERTING.forEach(setting -> assertFalse(spark.conf().contains(setting), setting));
  }
}

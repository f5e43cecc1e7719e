package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Iceberg's write-audit-publish: settings that redirect the writes of a session. */
class WriteAuditPublishScenarioTest {
  private static final String STAGES = "spark.wap.id";
  private static final String SENDS_TO_A_BRANCH = "spark.wap.branch";

  private final Scenario scenario = new Scenario(1);

  @BeforeEach
  void givenAClosedSessionAndAnOpenOne() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    scenario.send(click("bob", "09:30"));
    scenario.runAt("09:31");
  }

  @AfterEach
  void unset() {
    TestSpark.session().conf().unset(STAGES);
    TestSpark.session().conf().unset(SENDS_TO_A_BRANCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {STAGES, SENDS_TO_A_BRANCH})
  void commitsOfSessionsCannotBeRedirected(String setting) {
    // Given a setting made after the start of the Spark session, for tables that use it
    redirect(scenario.names().sessions(), setting);
    redirect(scenario.names().open(), setting);
    // When a batch appends, and one merges; then all rows are in the right tables
    scenario.send(click("ann", "11:00"));
    scenario.runAt("11:01");
    scenario.send(click("ann", "08:10"));
    scenario.runAt("11:02");
    scenario.assertEqualToOracle();
    assertEquals(Set.of("main"), scenario.sessionsTable().refs().keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {STAGES, SENDS_TO_A_BRANCH})
  void redirectedCommitOfRejectedRecordsIsAConfigurationFailure(String setting) {
    // Given a setting made after the start of the Spark session, for a table that uses it
    redirect(scenario.names().rejected(), setting);
    scenario.send(click("ann", "11:00"));
    scenario
        .topic()
        .sendRejected("malformed", 0, "key", "not json".getBytes(), TestClick.at("11:00"));
    Scenario.Snapshots before = scenario.snapshots();
    // When a batch writes to it, then the run ends with the reason, without a new commit point
    Throwable thrown = assertThrows(RuntimeException.class, () -> scenario.runAt("11:01"));
    assertIsAboutConfiguration(Shown.failure(thrown));
    assertEquals(before.open(), scenario.snapshots().open());
    // When the setting is removed, then no session is missing or duplicated
    unset();
    scenario.runAt("11:02");
    scenario.assertEqualToOracle();
  }

  @ParameterizedTest
  @ValueSource(strings = {STAGES, SENDS_TO_A_BRANCH})
  void settingsOfTheProcessAreIgnored(String setting) {
    // Given tables that use the setting, and a command that is started with it
    redirect(scenario.names().sessions(), setting);
    redirect(scenario.names().open(), setting);
    redirect(scenario.names().rejected(), setting);
    SparkSessions.start(TestSpark.warehouse().toString(), Map.of(setting, "nightly"));
    // When it appends, merges and rejects; then all rows are in the right tables
    scenario.send(click("ann", "11:00"));
    scenario.runAt("11:01");
    scenario.send(click("ann", "08:10"), click("bob", "12:00"));
    scenario
        .topic()
        .sendRejected("malformed", 0, "key", "not json".getBytes(), TestClick.at("12:00"));
    scenario.runAt("12:01");
    scenario.assertEqualToOracle();
  }

  private void redirect(String table, String setting) {
    scenario.byHand("ALTER TABLE " + table + " SET TBLPROPERTIES ('write.wap.enabled' = 'true')");
    TestSpark.session().conf().set(setting, "nightly");
  }

  private void assertIsAboutConfiguration(Failure failure) {
    assertEquals(Failure.Kind.USAGE, failure.kind(), failure.getMessage());
    String table = TableNames.plain(scenario.names().rejected());
    for (String named : new String[] {table, "write.wap.enabled", STAGES, SENDS_TO_A_BRANCH}) {
      assertTrue(failure.getMessage().contains(named), failure.getMessage());
    }
  }
}

package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.Recomputation;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Iceberg's write-audit-publish: settings that redirect the writes of a session. */
class WriteAuditPublishScenarioTest {
  private static final String STAGES = "spark.wap.id";
  private static final String SENDS_TO_A_BRANCH = "spark.wap.branch";

  private final Scenario scenario = new Scenario(1);

  /** The first write of a batch to a table with redirected commits. */
  enum Written {
    APPENDED(TableNames::sessions),
    MERGED(TableNames::sessions),
    STAGED(TableNames::open),
    REJECTED(TableNames::rejected);

    private final Function<TableNames, String> table;

    Written(Function<TableNames, String> table) {
      this.table = table;
    }
  }

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
  @EnumSource
  void stagedSnapshotIsNotACommit(Written what) {
    assertEndsAndTheNextRunMakesUpForIt(what, STAGES);
  }

  @ParameterizedTest
  @EnumSource
  void refusedWriteToABranchIsAConfigurationFailure(Written what) {
    assertEndsAndTheNextRunMakesUpForIt(what, SENDS_TO_A_BRANCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {STAGES, SENDS_TO_A_BRANCH})
  void settingsOfTheProcessAreIgnored(String setting) {
    // Given tables that use the setting, and a command that is started with it
    for (Written what : Written.values()) {
      divert(what, setting);
    }
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

  @Test
  void refusedWhatIfLeavesNoBranch() {
    // Given rules that split the closed session, and a setting as above
    scenario.send(click("ann", "08:20"));
    scenario.runAt("09:32");
    divert(Written.MERGED, STAGES);
    scenario.rules(new Rules(Duration.ofMinutes(10), Duration.ofHours(2), null, List.of()));
    // When a what-if uses them; then it fails and keeps no branch
    Scenario.Snapshots before = scenario.snapshots();
    assertIsAboutConfiguration(
        Written.MERGED,
        assertThrows(Failure.class, () -> scenario.recompute(Recomputation.EVERYTHING, false)));
    assertEquals(before, scenario.snapshots());
    assertEquals(Set.of("main"), scenario.sessionsTable().refs().keySet());
  }

  private void assertEndsAndTheNextRunMakesUpForIt(Written what, String setting) {
    // Given a setting made after the start of the Spark session, for a table that uses it
    divert(what, setting);
    scenario.send(click("ann", "11:00"));
    if (what == Written.MERGED) {
      scenario.send(click("ann", "08:10"));
    }
    scenario
        .topic()
        .sendRejected("malformed", 0, "key", "not json".getBytes(), TestClick.at("11:00"));
    Scenario.Snapshots before = scenario.snapshots();
    // When a batch writes to it, then the run ends with the reason, without a new commit point
    Throwable thrown = assertThrows(RuntimeException.class, () -> scenario.runAt("11:01"));
    assertIsAboutConfiguration(what, Scenario.failureIn(thrown));
    assertEquals(before.open(), scenario.snapshots().open());
    if (what != Written.REJECTED) {
      assertEquals(before, scenario.snapshots());
    }
    // When the setting is removed, then no session is missing or duplicated
    unset();
    scenario.runAt("11:02");
    scenario.assertEqualToOracle();
  }

  private void divert(Written what, String setting) {
    scenario.byHand(
        "ALTER TABLE "
            + what.table.apply(scenario.names())
            + " SET TBLPROPERTIES ('write.wap.enabled' = 'true')");
    TestSpark.session().conf().set(setting, "nightly");
  }

  private void assertIsAboutConfiguration(Written what, Failure failure) {
    assertEquals(Failure.Kind.USAGE, failure.kind(), failure.getMessage());
    String table = TableNames.plain(what.table.apply(scenario.names()));
    for (String named : new String[] {table, "write.wap.enabled", STAGES, SENDS_TO_A_BRANCH}) {
      assertTrue(failure.getMessage().contains(named), failure.getMessage());
    }
  }
}

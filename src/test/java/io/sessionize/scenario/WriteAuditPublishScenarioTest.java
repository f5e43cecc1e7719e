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

/** Iceberg's write-audit-publish: settings that send what a session writes somewhere else. */
class WriteAuditPublishScenarioTest {
  private static final String STAGES = "spark.wap.id";
  private static final String SENDS_TO_A_BRANCH = "spark.wap.branch";

  private final Scenario scenario = new Scenario(1);

  /** What a batch writes first to a table whose commits go elsewhere. */
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
  void aSnapshotThatIsOnlyStagedIsNotTakenForACommit(Written what) {
    assertEndsAndTheNextRunMakesUpForIt(what, STAGES);
  }

  @ParameterizedTest
  @EnumSource
  void whatIcebergRefusesToWriteToOurBranchIsAMatterOfConfiguration(Written what) {
    assertEndsAndTheNextRunMakesUpForIt(what, SENDS_TO_A_BRANCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {STAGES, SENDS_TO_A_BRANCH})
  void whatTheProcessIsGivenIsNotHeeded(String setting) {
    // Given tables that heed it, and a command that is started with the setting
    for (Written what : Written.values()) {
      divert(what, setting);
    }
    SparkSessions.start(TestSpark.warehouse().toString(), Map.of(setting, "nightly"));
    // When it appends, merges and rejects; then all is where it belongs
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
  void aWhatIfIsNotKeptEither() {
    // Given rules that change the closed session's fate, and a setting as above
    scenario.send(click("ann", "08:20"));
    scenario.runAt("09:32");
    divert(Written.MERGED, STAGES);
    scenario.rules(new Rules(Duration.ofMinutes(10), Duration.ofHours(2), null, List.of()));
    // When they are tried out; then nothing is said about what was never kept
    Scenario.Snapshots before = scenario.snapshots();
    assertIsAboutConfiguration(
        Written.MERGED,
        assertThrows(Failure.class, () -> scenario.recompute(Recomputation.EVERYTHING, false)));
    assertEquals(before, scenario.snapshots());
    assertEquals(Set.of("main"), scenario.sessionsTable().refs().keySet());
  }

  private void assertEndsAndTheNextRunMakesUpForIt(Written what, String setting) {
    // Given a setting that was made after the session began, for a table that heeds it
    divert(what, setting);
    scenario.send(click("ann", "11:00"));
    if (what == Written.MERGED) {
      scenario.send(click("ann", "08:10"));
    }
    scenario
        .topic()
        .sendRejected("malformed", 0, "key", "not json".getBytes(), TestClick.at("11:00"));
    Scenario.Snapshots before = scenario.snapshots();
    // When a batch comes to it, then the run ends and says why, and there is no new commit point
    Throwable thrown = assertThrows(RuntimeException.class, () -> scenario.runAt("11:01"));
    assertIsAboutConfiguration(what, Scenario.failureIn(thrown));
    assertEquals(before.open(), scenario.snapshots().open());
    if (what != Written.REJECTED) {
      assertEquals(before, scenario.snapshots());
    }
    // When the setting is gone, then nothing is missing and nothing is there twice
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

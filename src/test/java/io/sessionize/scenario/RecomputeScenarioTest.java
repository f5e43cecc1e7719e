package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.job.Recompute;
import io.sessionize.job.Recomputed;
import io.sessionize.job.Run;
import io.sessionize.session.BoundaryRule;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Moment;
import io.sessionize.session.Rules;
import io.sessionize.table.BranchRemoval;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Given sessions of two days, recomputes with the same or other rules. */
class RecomputeScenarioTest {
  private static final Rules LONGER =
      new Rules(Duration.ofMinutes(45), Duration.ofHours(2), null, List.of());
  private static final GivenRules NONE = new GivenRules(null, null, null, null);
  private static final Recomputation ALL = new Recomputation(null, null, Set.of());

  private final Scenario scenario = new Scenario(1);

  RecomputeScenarioTest() {
    scenario.send(
        click("ann", "2026-03-01T08:00"),
        click("ann", "2026-03-01T08:40"),
        click("ann", "2026-03-01T10:00"),
        click("bob", "2026-03-01T08:00"),
        click("bob", "08:00"),
        click("bob", "08:40"),
        click("open", "11:20"),
        click("open", "11:55"),
        click("clock", "12:00"));
    scenario.runAt("12:01");
  }

  @Test
  void recomputeOfTheWholeTableRecordsTheNewRules() {
    scenario.rules(LONGER);
    Recomputed done = scenario.recompute(ALL, true);
    assertEquals(
        List.of(
            "2026-03-01T08:00-2026-03-01T08:40 2 inactivity",
            "2026-03-01T10:00-2026-03-01T10:00 1 inactivity"),
        scenario.closed().of("ann"));
    assertEquals(List.of("11:20-11:55 2 inactivity"), scenario.open().of("open"));
    assertEquals(2, done.batch().sessions().removed());
    scenario.assertEqualToOracle();

    // A repeat changes nothing
    Snapshots before = scenario.snapshots();
    assertEquals(done.after(), scenario.recompute(ALL, true).after());
    assertEquals(before, scenario.snapshots());

    // Late and new clicks follow the new rules
    scenario.send(
        click("ann", "2026-03-01T09:20").sentAt("12:10"),
        click("open", "12:30"),
        click("clock", "12:40"));
    scenario.runAt("12:41");
    scenario.assertEqualToOracle();
    scenario.rules(Rules.DEFAULT);
    Failure refused = scenario.assertRefusedAt("12:42", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("PT45M"), refused.getMessage());

    // And back to the old rules
    scenario.recompute(ALL, true);
    scenario.assertEqualToOracle();
  }

  @Test
  void rulesThatAreNotGivenAreAsRecorded() {
    scenario.rules(LONGER);
    scenario.recompute(ALL, true);

    // Runs, backfills, partial recomputes and proofs give no rules
    scenario.rules(NONE, LONGER);
    scenario.send(click("open", "12:30"), click("ann", "12:30"), click("clock", "12:40"));
    scenario.runAt("12:41");
    assertEquals(List.of("11:20-12:30 3 inactivity"), scenario.live().of("open"));
    scenario.backfill(scenario.everything(), true);
    assertEquals(
        LONGER, scenario.recompute(new Recomputation(null, null, Set.of("ann")), true).rules());
    scenario.assertEqualToOracle();
    Snapshots before = scenario.snapshots();
    Recomputed same = scenario.recompute(ALL, true);
    assertEquals(LONGER, same.rules());
    assertEquals(before, scenario.snapshots());

    // A recompute that gives one rule keeps the others
    GivenRules longer = new GivenRules(null, Duration.ofHours(3), null, null);
    scenario.rules(longer, LONGER);
    Recomputed done = scenario.recompute(ALL, true);
    assertEquals(
        new Rules(Duration.ofMinutes(45), Duration.ofHours(3), null, List.of()), done.rules());
    scenario.assertEqualToOracle();
  }

  @Test
  void runThatGivesNoRulesContinuesWithThoseOfARecomputeBetweenItsBatches() {
    scenario.maxOffsets(1);
    scenario.rules(NONE, Rules.DEFAULT);
    scenario.send(click("ann", "12:10"), click("ann", "12:50"), click("clock", "14:00"));
    Run<?> run =
        scenario.newRun(
            TestSpark.session(),
            "14:01",
            scenario.checkpoint(),
            point -> {
              if (point == CrashPoint.OPEN_PUBLISHED && scenario.batches().size() == 1) {
                scenario.rules(LONGER);
                scenario.recompute(ALL, true);
              }
            });
    run.execute(() -> false);
    assertEquals(List.of("12:10-12:50 2 inactivity"), scenario.live().of("ann").subList(2, 3));
    scenario.assertEqualToOracle();
  }

  @Test
  void interruptedRecomputeNeedsEachRuleThatDiffers() {
    scenario.rules(LONGER);
    scenario.crashRecomputeAt(CrashPoint.SESSIONS_PUBLISHED);
    Snapshots before = scenario.snapshots();
    for (GivenRules unclear :
        List.of(NONE, new GivenRules(null, Duration.ofHours(3), null, List.of("logout")))) {
      scenario.rules(unclear, LONGER);
      for (boolean apply : new boolean[] {true, false}) {
        Failure refused = assertThrows(Failure.class, () -> scenario.recompute(ALL, apply));
        assertEquals(Failure.Kind.USAGE, refused.kind());
        assertTrue(
            refused.getMessage().contains("give each rule that differs"), refused.getMessage());
      }
    }
    assertEquals(before, scenario.snapshots());

    // The rule that differs is enough
    scenario.rules(new GivenRules(Duration.ofMinutes(45), null, null, null), Rules.DEFAULT);
    assertEquals(LONGER, scenario.recompute(ALL, true).rules());
    scenario.rules(NONE, LONGER);
    scenario.assertNothingToDoAt("12:02");
    scenario.assertEqualToOracle();
  }

  /** A rule that splits nowhere. */
  public static final class Nowhere implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  @Test
  void recordedRuleOfACustomClassMustBeOnTheClassPath() {
    GivenRules custom = new GivenRules(null, null, Nowhere.class.getName(), null);
    scenario.rules(custom, Rules.DEFAULT);
    scenario.recompute(ALL, true);
    scenario.send(click("open", "12:10"));

    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    scenario.rules(NONE, custom.apply(Rules.DEFAULT));
    try {
      thread.setContextClassLoader(
          new ClassLoader(loader) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve)
                throws ClassNotFoundException {
              if (name.equals(Nowhere.class.getName())) {
                throw new ClassNotFoundException(name);
              }
              return super.loadClass(name, resolve);
            }
          });
      Failure refused = scenario.assertRefusedAt("12:11", Failure.Kind.USAGE);
      assertTrue(refused.getMessage().contains("(given, or recorded in the tables)"));
      assertEquals(1, refused.getMessage().lines().count());
      // The runs before the rule can be proven
      Proof proof = scenario.proofByRecordedRules();
      ProofReport last = proof.prove(proof.last(1).get(0));
      assertEquals(ProofReport.Evidence.NONE, last.evidence());
      assertTrue(last.reason().contains("is not on the class path: "), last.reason());
    } finally {
      thread.setContextClassLoader(loader);
    }
    scenario.runAt("12:12");

    // A recompute can end the custom rule
    scenario.rules(new GivenRules(null, null, "", null), custom.apply(Rules.DEFAULT));
    assertEquals(Rules.DEFAULT, scenario.recompute(ALL, true).rules());
    scenario.assertEqualToOracle();
  }

  @Test
  void whatIfReportsDifferencesAndDoesNotChangeTheTable() {
    Snapshots before = scenario.snapshots();
    scenario.rules(LONGER);
    Recomputed whatIf = scenario.recompute(ALL, false);
    assertEquals(before, scenario.snapshots());
    List<Row> days = scenario.difference(whatIf);
    assertEquals(
        List.of(
            "2026-03-01 4 3 2 2 0.0 800.0 1.0 0.6667 null null",
            "2026-03-02 2 1 1 1 0.0 2400.0 1.0 0.0 null null"),
        days.stream().map(row -> row.mkString(" ")).toList());
    assertEquals(
        List.of(
            "ann | 2 | 1 | inactivity 2 | inactivity 1",
            "bob | 2 | 1 | inactivity 2 | inactivity 1"),
        scenario.comparison(whatIf).users().collectAsList().stream()
            .map(row -> row.mkString(" | "))
            .toList());
    assertEquals(4, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if"));

    // The branch is replaced by the next one
    scenario.rules(new Rules(Duration.ofMinutes(90), Duration.ofHours(2), null, List.of()));
    scenario.recompute(ALL, false);
    assertEquals(3, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if"));
    assertEquals(before, scenario.snapshots());
    scenario.rules(Rules.DEFAULT);
    scenario.assertEqualToOracle();
  }

  @Test
  void aRemovedWhatIfLeavesNoSnapshotForReadersOfTheNewestOne() {
    Table table = scenario.tables().sessionsTable();
    long current = table.currentSnapshot().snapshotId();
    List<Long> before = SnapshotUtil.currentAncestorIds(table);
    scenario.rules(LONGER);
    Recomputed whatIf = scenario.recompute(ALL, false);

    BranchRemoval.remove(table, Recompute.WHAT_IF);
    table.refresh();
    assertEquals(Set.of("main"), table.refs().keySet());
    assertNull(table.snapshot(whatIf.after()));
    assertEquals(current, table.currentSnapshot().snapshotId());
    Set<Long> left = new TreeSet<>();
    table.snapshots().forEach(snapshot -> left.add(snapshot.snapshotId()));
    assertEquals(new TreeSet<>(before), left);
    // A second removal finds nothing
    BranchRemoval.remove(table, Recompute.WHAT_IF);
    scenario.rules(Rules.DEFAULT);
    scenario.assertEqualToOracle();
  }

  @Test
  void partialRecomputeWithOtherRulesNeedsWhatIf() {
    scenario.rules(LONGER);
    Snapshots before = scenario.snapshots();
    Recomputation ann = new Recomputation(null, null, Set.of("ann"));
    Failure refused = assertThrows(Failure.class, () -> scenario.recompute(ann, true));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().contains("--what-if"), refused.getMessage());

    // On the branch only ann's sessions differ, not those of other users with open ones
    scenario.recompute(ann, false);
    assertEquals(before, scenario.snapshots());
    assertEquals(
        2, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if WHERE uuid = 'ann'"));
    assertEquals(
        5, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if")); // bob's three too
    scenario.rules(Rules.DEFAULT);
    scenario.assertEqualToOracle();
  }

  @Test
  void partialRecomputeWithTheSameRulesChangesNothing() {
    // Given a user who clicks for hours, in sessions that end at the maximum, one of them at
    // midnight,
    // the last one open
    List<TestClick> clicks = new ArrayList<>();
    LocalDateTime time = LocalDateTime.parse("2026-03-02T20:00");
    for (int i = 0; i <= 37; i++) {
      clicks.add(click("busy", time.plusMinutes(10L * i).toString()));
    }
    scenario.topic().send(clicks);
    scenario.runAt("2026-03-03T02:11");
    assertEquals(1, scenario.open().of("busy").size());
    scenario.assertEqualToOracle();
    Snapshots before = scenario.snapshots();

    // When partial recomputes cover the user, the day before and the day after midnight
    LocalDate day = LocalDate.parse("2026-03-02");
    for (Recomputation part :
        List.of(
            new Recomputation(null, null, Set.of("busy")),
            new Recomputation(day, day, Set.of()),
            new Recomputation(day.plusDays(1), day.plusDays(1), Set.of("busy")))) {
      scenario.recompute(part, true);
      // Then each session has the same end and close reason, and nothing was written
      assertEquals(before, scenario.snapshots());
    }
    scenario.assertEqualToOracle();
  }

  @Test
  void partialRecomputeRepairsAlteredRows() {
    scenario.byHand("UPDATE ${sessions} SET close_reason = 'boundary' WHERE uuid = 'ann'");
    scenario.recompute(new Recomputation(null, null, Set.of("ann")), true);
    scenario.assertEqualToOracle();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interruptedRecomputeIsFinishedWithEitherRules(boolean byTheNewOnes) {
    // Given rules that give the same sessions, and a recompute that crashes between the commits
    Rules same = new Rules(Duration.ofMinutes(31), Duration.ofHours(2), null, List.of());
    scenario.rules(same);
    scenario.crashRecomputeAt(CrashPoint.SESSIONS_PUBLISHED);
    scenario.assertRefusedAt("12:02", Failure.Kind.USAGE);

    // When it is repeated with one of the two rules
    scenario.rules(byTheNewOnes ? same : Rules.DEFAULT);
    scenario.recompute(ALL, true);

    // Then runs continue with these rules
    scenario.send(click("open", "12:10"));
    scenario.runAt("12:11");
    scenario.assertEqualToOracle();
  }

  @Test
  void runIsRefusedIfARecomputeChangedTheRules() {
    // Given a run of several batches, and a recompute after the first of them
    scenario.maxOffsets(1);
    scenario.send(click("ann", "12:10"), click("ann", "12:50"), click("clock", "14:00"));
    Run<?> run =
        scenario.newRun(
            TestSpark.session(),
            "14:01",
            scenario.checkpoint(),
            point -> {
              if (point == CrashPoint.OPEN_PUBLISHED) {
                scenario.rules(LONGER);
                scenario.recompute(ALL, true);
              }
            });
    Failure refused =
        Shown.failure(assertThrows(RuntimeException.class, () -> run.execute(() -> false)));
    assertEquals(Failure.Kind.USAGE, refused.kind(), refused.getMessage());
    assertEquals(1, scenario.batches().size() - 1);

    // Then a run with the new rules continues at the same offsets
    scenario.runAt("14:02");
    assertEquals(List.of("12:10-12:50 2 inactivity"), scenario.live().of("ann").subList(2, 3));
    scenario.assertEqualToOracle();
  }
}

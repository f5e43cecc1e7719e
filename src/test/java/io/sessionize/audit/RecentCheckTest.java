package io.sessionize.audit;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.job.CrashPoint;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.NeighbourInvariants;
import io.sessionize.session.Rules;
import io.sessionize.session.StagingInvariants;
import io.sessionize.spark.internal.InvariantScan;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The check of what the last runs changed: what it finds, and what only the check of all finds. */
class RecentCheckTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void tablesAfterEachRunHaveNoViolation() {
    scenario.send(click("ann", "08:00"), click("bob", "08:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    assertEquals(Set.of(), found(1));
    // Late: bridges nothing, and then two sessions.
    scenario.send(click("ann", "08:50"), click("clock", "11:00"));
    scenario.runAt("11:01");
    assertEquals(Set.of(), found(1));
    scenario.send(click("ann", "08:25"), click("bob", "09:00"), click("clock", "12:00"));
    scenario.runAt("12:01");
    assertEquals(Set.of(), found(1));
    scenario.runAt("15:01");
    assertEquals(Set.of(), found(1));
    try (RecentCheck check = check().ofLastRuns(10)) {
      assertEquals(4, check.runs());
      assertEquals(0, check.violations().count());
    }
  }

  @Test
  void tablesWithoutRowsHaveNoViolation() {
    scenario
        .tables()
        .create(RunSummary.start("test", scenario.topic().describe().ids(), Rules.DEFAULT));
    assertTrue(check().holds());
    assertEquals(0, check().violations().count());
    assertEquals(Set.of(), found(1));
  }

  @Test
  void longSessionsAreCutAndJoinedAcrossFilesWithoutViolation() {
    // Sessions that end by their maximum duration, in files of three runs.
    for (int hour = 8; hour < 12; hour++) {
      for (int minute = 0; minute < 60; minute += 20) {
        scenario.send(click("ann", String.format("%02d:%02d", hour, minute)));
      }
      scenario.send(click("clock", String.format("%02d:59", hour)));
      scenario.runAt(String.format("%02d:59:30", hour));
      assertEquals(Set.of(), found(1));
    }
    scenario.send(click("ann", "09:50"), click("clock", "14:30"));
    scenario.runAt("14:31");
    assertEquals(Set.of(), found(1));
  }

  @Test
  void unchangedRowWhoseNextOneIsNotReadIsNotJudged() {
    // Sessions of an hour that end by their maximum duration: more than are near the first one.
    for (int minute = 8 * 60; minute <= 20 * 60; minute += 20) {
      scenario.send(click("ann", String.format("%02d:%02d", minute / 60, minute % 60)));
    }
    scenario.send(click("clock", "22:00"));
    scenario.runAt("22:01");
    assertEquals(Set.of(), found(1));
    scenario.send(click("ann", "08:10"), click("clock", "22:10"));
    scenario.runAt("22:11");
    assertEquals(Set.of(), found(1));
  }

  @Test
  void rowBesideAnOlderOneIsJudgedWithIt() {
    scenario.send(
        click("ann", "08:00"),
        click("ann", "08:20"),
        click("within", "08:10"),
        click("before", "07:50"),
        click("before", "08:05"),
        click("behind", "08:40"),
        click("far", "08:51"),
        click("clock", "12:00"));
    scenario.runAt("12:01");
    otherRun("12:10");
    otherRun("12:20");
    assertEquals(Set.of("ann overlap"), foundWithARowOf("within"));
    assertEquals(Set.of("ann overlap"), foundWithARowOf("before"));
    assertEquals(Set.of("ann cut_without_reason"), foundWithARowOf("behind"));
    assertEquals(Set.of(), foundWithARowOf("far"));
    assertEquals(Set.of("ann id_twice"), foundWithARowOf("ann"));
  }

  /** Inserts a copy of another user's row as one of ann's, and takes it back. */
  private Set<String> foundWithARowOf(String user) {
    scenario.byHand(
        "INSERT INTO ${sessions} SELECT 'ann', concat('ann_session_', session_start_time_ms),"
            + " session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,"
            + " pages_visited, session_start, session_end, close_reason, boundary_rule, events"
            + " FROM ${sessions} WHERE uuid = '"
            + user
            + "'");
    Set<String> found = found(1);
    assertEquals(texts(check().violations()), found);
    scenario.byHand(
        "CALL local.system.rollback_to_snapshot('"
            + TableNames.plain(scenario.names().sessions())
            + "', "
            + scenario.sessionsTable().currentSnapshot().parentId()
            + "L)");
    return found;
  }

  @Test
  void damageInADayThatNoRunTouchedIsFoundByTheFullCheckOnly() {
    scenario.send(click("ann", "2026-03-01T08:00"), click("bob", "08:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann'");
    otherRun("10:10");
    // The commit stands between the two runs: it is part of what changed since the first.
    assertEquals(Set.of("ann count_differs"), found(1));
    otherRun("10:20");
    assertEquals(Set.of(), found(1));
    assertEquals(Set.of("ann count_differs"), found(2));
    assertEquals(Set.of("ann count_differs"), texts(check().violations()));
  }

  @Test
  void filesThatHoldNoNeighbourAreNotRead() throws IOException {
    scenario.send(
        click("ann", "2026-02-20T08:00"),
        click("ann", "2026-02-27T22:00"),
        click("ann", "2026-02-28T08:00"),
        click("clock", "2026-02-28T12:00"));
    scenario.runAt("2026-02-28T12:01");
    scenario.send(click("ann", "2026-03-01T08:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    // Late, at the beginning of its day: the evening before is near.
    scenario.send(click("ann", "2026-02-28T00:10"), click("bob", "10:30"), click("clock", "11:00"));
    scenario.runAt("11:01");
    deleteFilesOf("2026-02-20");
    deleteFilesOf("2026-03-01");
    assertEquals(Set.of(), found(1));
    assertThrows(Exception.class, () -> check().violations().count());
    deleteFilesOf("2026-02-27");
    assertThrows(Exception.class, () -> found(1));
  }

  @Test
  void filesOfADayWithFewUsersThatHoldNoneOfThemAreNotRead() throws IOException {
    scenario.send(click("ann", "2026-02-20T08:00"), click("yan", "2026-02-20T12:00"));
    scenario.runAt("2026-02-20T12:01");
    scenario.send(click("zoe", "2026-02-20T16:00"));
    scenario.runAt("2026-02-20T16:01");
    String file = fileOf("ann");
    scenario.send(click("clock", "2026-02-28T12:00"));
    scenario.runAt("2026-02-28T12:01");
    scenario.send(click("ann", "2026-02-20T11:00"), click("clock", "2026-02-28T13:00"));
    scenario.runAt("2026-02-28T13:01");
    delete(fileOf("yan"));
    delete(fileOf("zoe"));
    assertEquals(Set.of(), found(1));
    delete(file);
    assertThrows(Exception.class, () -> found(1));
  }

  @Test
  void neighboursAreFoundOnDaysOfFewUsersAndOfMany() {
    scenario.send(click("ann", "2026-02-20T08:00"), click("clock", "08:00"));
    manyUsersAt("04:00");
    scenario.runAt("08:01");
    // So old that the next run does not restate it after the commit by hand.
    scenario.byHand(
        "UPDATE ${sessions} SET close_reason = 'max_duration' WHERE uuid IN ('ann', 'user-7')");
    otherRun("08:10");
    otherRun("08:20");
    assertEquals(Set.of(), found(1));
    scenario.send(click("ann", "2026-02-20T09:00"), click("clock", "10:00"));
    manyUsersAt("08:30");
    scenario.runAt("10:01");
    assertEquals(Set.of("ann reason_differs", "user-7 reason_differs"), found(1));
    assertEquals(texts(check().violations()), found(1));
  }

  @Test
  void ofACompactedFileOnlyRowsThatStartNearOrNeverAreNeighbours() {
    scenario.send(
        click("ann", "01:00"),
        click("ann", "05:00"),
        click("ann", "09:00"),
        click("bob", "05:00"),
        click("clock", "12:00"));
    scenario.runAt("12:01");
    scenario.byHand(
        "UPDATE ${sessions} SET session_start_time_ms = NULL"
            + " WHERE uuid = 'ann' AND hour(session_start) = 9");
    scenario.compact(scenario.names().sessions());
    Table table = scenario.sessionsTable();
    InvariantScan scan =
        new InvariantScan(
            TestSpark.session(),
            RowSchemas.of(List.of()),
            Rules.DEFAULT,
            new NeighbourInvariants(Rules.DEFAULT),
            new StagingInvariants(Rules.DEFAULT, 0, "sessions"),
            List.of("sessions", "open", "live"));
    List<FileScanTask> files = InvariantScan.files(table, table.currentSnapshot().snapshotId());
    long at =
        scenario
            .rows("SELECT unix_millis(min(session_end)) FROM ${sessions} WHERE uuid = 'bob'")
            .get(0)
            .getLong(0);
    SearchedUsers ann = SearchedUsers.few(List.of("ann"));
    assertEquals(2, scan.near(table, files, ann, start -> start == at).rdd().count());
    assertEquals(1, scan.near(table, files, ann, start -> start == at + 1).rdd().count());
  }

  @Test
  void neighboursOfARowWithoutAStartAreThoseNearItsEnd() {
    scenario.send(
        click("ann", "2026-02-28T20:10"),
        click("near", "2026-02-28T20:00"),
        click("far", "2026-02-28T08:00"),
        click("clock", "22:50"));
    scenario.runAt("22:51");
    otherRun("22:52");
    otherRun("22:53");
    // Far from the open session. One file, in which the start of the other row is known.
    scenario.byHand(
        "INSERT INTO ${sessions} SELECT /*+ COALESCE(1) */ if(uuid = 'near', 'ann', 'eve'),"
            + " concat(if(uuid = 'near', 'ann', 'eve'), '_session_', session_start_time_ms),"
            + " if(uuid = 'near', NULL, session_start_time_ms), session_end_time_ms,"
            + " session_duration_seconds, event_count, pages_visited, session_start, session_end,"
            + " close_reason, boundary_rule, events"
            + " FROM ${sessions} WHERE uuid IN ('near', 'far')");
    Set<String> found = found(1);
    assertTrue(found.contains("ann cut_without_reason"), found::toString);
    assertEquals(texts(check().violations()), found);
  }

  private void manyUsersAt(String time) {
    for (int user = 0; user <= SearchedUsers.MOST_NAMED; user++) {
      scenario.send(click("user-" + user, time));
    }
  }

  @Test
  void rowsThatACompactionMovedSinceAreChecked() {
    scenario.send(click("ann", "08:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann'");
    scenario.compact(scenario.names().sessions());
    assertEquals(Set.of("ann count_differs"), found(1));
    otherRun("10:20");
    otherRun("10:30");
    assertEquals(Set.of(), found(1));
    scenario.compact(scenario.names().sessions());
    assertEquals(Set.of(), found(1));
  }

  @Test
  void commitsOfACrashedRunBelongToTheNextOne() {
    scenario.send(click("ann", "08:00"), click("clock", "09:00"));
    scenario.runAt("09:01");
    long first = scenario.snapshots().sessions();
    scenario.send(click("clock", "10:00"));
    scenario.crashAt("10:01", CrashPoint.SESSIONS_PUBLISHED);
    long crashed = scenario.snapshots().sessions();
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'nobody'");
    scenario.runAt("10:02");
    long last = scenario.snapshots().sessions();
    List<Long> checked = ids(lastRuns(1));
    assertTrue(checked.containsAll(List.of(crashed, last)), checked::toString);
    assertFalse(checked.contains(first), checked::toString);
    otherRun("10:20");
    assertEquals(List.of(scenario.snapshots().sessions()), ids(lastRuns(1)));
    assertEquals(2, lastRuns(2).runs());
    assertEquals(3, lastRuns(9).runs());
  }

  private LastRuns lastRuns(long most) {
    History history = new History(scenario.tables());
    return LastRuns.of(history, scenario.tables().base(), most);
  }

  private static List<Long> ids(LastRuns runs) {
    return runs.commits().stream().map(Commit::id).toList();
  }

  @Test
  void expiredRunsAreNotCheckedAndSaySo() {
    scenario.send(click("ann", "08:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    try (RecentCheck check = check().ofLastRuns(1)) {
      assertFalse(check.hasExpired());
    }
    scenario.compact(scenario.names().sessions());
    scenario.maintain();
    Table sessions = scenario.sessionsTable();
    List<String> tags = List.copyOf(sessions.refs().keySet());
    tags.stream()
        .filter(tag -> sessions.refs().get(tag).isTag())
        .forEach(tag -> sessions.manageSnapshots().removeTag(tag).commit());
    sessions.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    try (RecentCheck check = check().ofLastRuns(1)) {
      assertEquals(0, check.runs());
      assertTrue(check.hasExpired());
    }
    scenario.byHand("UPDATE ${open} SET published = true");
    assertEquals(Set.of("clock published_differs"), found(1));
  }

  /** A run that has nothing to do with the other users. */
  private void otherRun(String time) {
    scenario.send(click("clock", time));
    scenario.runAt(time + ":30");
  }

  private void deleteFilesOf(String day) throws IOException {
    List<String> files = files("date(session_start) = DATE '" + day + "'");
    assertFalse(files.isEmpty());
    for (String file : files) {
      delete(file);
    }
  }

  /** The only file with rows of a user. */
  private String fileOf(String user) {
    List<String> files = files("uuid = '" + user + "'");
    assertEquals(1, files.size(), files::toString);
    return files.get(0);
  }

  private List<String> files(String condition) {
    return scenario.rows("SELECT DISTINCT _file FROM ${sessions} WHERE " + condition).stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static void delete(String file) throws IOException {
    Files.delete(Path.of(file.replaceFirst("^file:", "")));
  }

  private Check check() {
    return new Check(TestSpark.session(), scenario.names(), recorded -> recorded);
  }

  private Set<String> found(long last) {
    try (RecentCheck check = check().ofLastRuns(last)) {
      return texts(check.violations());
    }
  }

  private static Set<String> texts(Dataset<Row> violations) {
    Set<String> texts = new TreeSet<>();
    violations
        .select("uuid", "invariant")
        .collectAsList()
        .forEach(row -> texts.add(row.getString(0) + " " + row.getString(1)));
    return texts;
  }
}

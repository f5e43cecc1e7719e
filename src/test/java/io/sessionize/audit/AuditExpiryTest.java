package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Given twenty days with expired snapshots, except a tag and the last two. The data files without
 * changes are deleted, so that an audit that reads them fails.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AuditExpiryTest {
  private static final String TAG = "audit-2026-03-02";

  private final Scenario scenario = new Scenario(1);
  private final SparkSession spark = TestSpark.session();
  private Commit run;
  private Commit expired;
  private History history;

  @BeforeAll
  void aHistoryThatWasExpired() throws IOException {
    for (int day = 1; day <= 20; day++) {
      scenario.send(click("user" + day, String.format("2026-02-%02dT08:00", day)));
    }
    scenario.send(click("clock", "12:00"));
    scenario.runAt("12:01");
    run = new History(scenario.tables()).at(History.NOW, Instant.now());
    scenario.sessionsTable().manageSnapshots().createTag(TAG, run.id()).commit();
    for (int day = 1; day <= 3; day++) {
      scenario.byHand(
          String.format(
              "UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'user%d' AND session_start <"
                  + " '2026-02-%02d'",
              day, day + 1));
      if (day == 1) {
        expired = new History(scenario.tables()).at(History.NOW, Instant.now());
      }
    }
    spark.sql(
        String.format(
            "CALL local.system.expire_snapshots(table => '%s.%s', older_than => TIMESTAMP '%s',"
                + " retain_last => 2)",
            scenario.names().database(), scenario.names().table(), Instant.now().plusSeconds(1)));
    for (Row file :
        spark
            .sql("SELECT file_path, partition FROM " + scenario.names().sessions() + ".files")
            .collectAsList()) {
      if (!file.getStruct(1).getDate(0).toLocalDate().isBefore(LocalDate.parse("2026-02-05"))) {
        Files.delete(Path.of(file.getString(0).replaceFirst("^file:", "")));
      }
    }
    history = new History(scenario.tables());
  }

  @Test
  void diffReadsOnlyChangedFilesAndReportsExpiredCauses() {
    try (Diff diff =
        new Diff(
            TestSpark.session(),
            scenario.tables(),
            history,
            history.at(TAG, Instant.now()),
            history.at(History.NOW, Instant.now()))) {
      assertEquals(new Diff.Counts(0, 0, 3, 0), diff.counts());
      assertEquals(
          Map.of("user1", "expired", "user2", "expired", "user3", "external commit"),
          diff.rows().collectAsList().stream()
              .collect(Collectors.toMap(row -> row.getAs("uuid"), row -> row.getAs("cause"))));
    }
  }

  @Test
  void sessionOlderThanTheHistoryIsShownAsStoodBefore() {
    assertEquals(List.of("stood before 7 expired"), changes("user2", "2026-02-02T08:00"));
    assertEquals(
        List.of("stood before 1 expired", "changed 7 external commit"),
        changes("user3", "2026-02-03T08:00"));
  }

  private List<String> changes(String user, String start) {
    try (SessionHistory of =
        new SessionHistory(
            TestSpark.session(), scenario.tables(), history, user + "_session_" + at(start))) {
      return of.rows().collectAsList().stream()
          .map(
              row ->
                  row.getAs("change") + " " + row.getAs("event_count") + " " + row.getAs("cause"))
          .toList();
    }
  }

  @Test
  void pointCanBeASnapshotTagOrTime() {
    Commit first = history.commits().get(0);
    Commit last = history.commits().get(1);
    Instant nextDay = last.at().atOffset(ZoneOffset.UTC).plusDays(1).toInstant();
    assertEquals(last, history.at("now", last.at()));
    assertEquals(first, history.at(Long.toString(first.id()), last.at()));
    assertEquals(run.id(), history.at(Long.toString(run.id()), last.at()).id());
    assertEquals(run.id(), history.at(TAG, last.at()).id());
    assertEquals(last, history.at(last.at().toString(), last.at()));
    assertEquals(first, history.at(last.at().minusMillis(1).toString(), last.at()));
    assertEquals(last, history.at("yesterday", nextDay));
    assertEquals(
        last, history.at(last.at().atOffset(ZoneOffset.UTC).toLocalDate().toString(), nextDay));
  }

  @Test
  void expiredPointIsNotBeforeTheCreation() {
    assertFalse(history.isBeforeCreation("2020-01-01", Instant.now()));
  }

  @Test
  void unknownPointFailsAndListsTheKeptPoints() {
    String expiredTime = expired.at().toString();
    assertNone("'" + expiredTime + "' has expired: ", expiredTime);
    assertNone("'2020-01-01' has expired: ", "2020-01-01");
    assertNone("is neither a kept snapshot or tag nor a time", Long.toString(expired.id()));
    assertNone("'audit-2020-01-01' is neither", "audit-2020-01-01");
    assertNone("'2026-13-01' is neither", "2026-13-01");
    assertTrue(history.tags().startsWith(TAG + " "), history.tags());
  }

  private void assertNone(String start, String point) {
    Failure failure = assertThrows(Failure.class, () -> history.at(point, Instant.now()));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    String message = failure.getMessage();
    assertTrue(message.contains(start), message);
    for (Commit kept : history.commits()) {
      assertTrue(message.contains(kept.id() + " (" + kept.at() + ")"), message);
    }
    assertTrue(message.contains("; tags: " + TAG + " "), message);
  }

  @Test
  void diffFailsIfTheFirstPointIsLater() {
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                new Diff(
                    TestSpark.session(),
                    scenario.tables(),
                    history,
                    history.commits().get(1),
                    run));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().endsWith("exchange them."), failure.getMessage());
  }
}

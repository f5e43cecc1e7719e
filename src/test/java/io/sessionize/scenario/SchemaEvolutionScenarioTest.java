package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.column.GivenColumns;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Given tables of an older schema, or with user-added columns, and their history. */
class SchemaEvolutionScenarioTest {
  private static final Rules OTHER_RULES =
      new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of());

  private final Scenario scenario = new Scenario(1);
  private final TableNames names = scenario.names();

  @Test
  void tablesOfAnOlderSchemaAreUpgradedWithTheirHistory() {
    // Given a closed session of each user; ann's is open again, so that it is in both tables
    threeUsers();
    scenario.send(click("ann", "08:35"), click("dan", "09:00"));
    scenario.runAt("09:01");
    assertEquals(List.of("08:00-08:35 3 inactivity"), scenario.open().of("ann"));
    // And tables as an older version would have written them
    List<Row> events = rows("SELECT uuid, session_id, events.event_id FROM %s ORDER BY uuid");
    alter("", "DROP COLUMNS (event_count, pages_visited, session_end, close_reason)");
    alter("", "DROP COLUMNS (session_duration_seconds, events.element.booking_details)");
    alter("_open", "DROP COLUMNS (published, event_count, events.element.event_details)");
    alter("_rejected", "DROP COLUMN detail");
    for (String ending : List.of("", "_open", "_rejected")) {
      alter(ending, "SET TBLPROPERTIES ('sessionize.schema-version' = '0')");
      rewriteAllFiles(ending);
    }
    Snapshots older = scenario.snapshots();

    // When a run is refused; then it does not upgrade them
    scenario.send(click("ann", "09:02"), click("bob", "08:15"), click("dan", "09:03"));
    sendRejected("09:03");
    scenario.rules(OTHER_RULES).assertRefusedAt("09:04", Failure.Kind.USAGE);

    // When a run is not refused
    scenario.rules(Rules.DEFAULT);
    scenario.runAt("09:04");
    // Then changed rows have the new column, and unchanged rows have null in it
    assertEquals(
        events.get(2),
        rows("SELECT uuid, session_id, events.event_id FROM %s ORDER BY uuid").get(2));
    Row cid =
        rows("SELECT event_count, pages_visited, session_end, close_reason, session_duration_seconds"
                + " FROM %s WHERE uuid = 'cid'")
            .get(0);
    assertTrue(cid.anyNull() && cid.mkString().equals("null".repeat(5)), cid.toString());
    assertEquals(List.of(), violations());
    assertEquals(5, TestSpark.session().table(names.live()).count());
    assertEquals(2, scenario.rejected().size());
    // And the history is readable
    assertEquals(
        events,
        rows(
            "SELECT uuid, session_id, events.event_id FROM %s VERSION AS OF "
                + older.sessions()
                + " ORDER BY uuid"));
    assertEquals(
        1,
        TestSpark.session()
            .sql("SELECT reason FROM " + names.rejected() + " VERSION AS OF " + older.rejected())
            .count());

    // When the last row of the older schema changes; then no row of the older schema is left
    scenario.send(click("cid", "08:20"));
    scenario.runAt("09:05");
    scenario.assertEqualToOracle();
  }

  @Test
  void runsContinueAfterARollbackToAnOlderSchema() {
    // Given tables whose newest snapshots have a column that earlier ones lack
    threeUsers();
    alter("", "DROP COLUMN close_reason");
    alter("_open", "DROP COLUMNS (close_reason, published)");
    rewriteAllFiles("");
    rewriteAllFiles("_open");
    Snapshots older = scenario.snapshots();
    scenario.send(click("bob", "08:15"), click("dan", "09:00"));
    scenario.runAt("09:01");
    // When they are rolled back to the earlier ones
    scenario.rollBackSessions(older);
    scenario.rollBackOpen(older);
    scenario.send(click("ann", "08:15"), click("cid", "08:15"));
    scenario.runAt("09:05");
    // Then the next run makes the tables exact
    scenario.assertEqualToOracle();
  }

  @Test
  void aFillOfSessionColumnsTakesASessionForPublishedIfAnOlderVersionDoesNotSay() {
    // Given a closed session that is open again, in tables without the column that says so
    threeUsers();
    scenario.send(click("bob", "08:15"));
    scenario.runAt("08:54");
    alter("_open", "DROP COLUMN published");
    // When a run adds it and commits nothing, and session columns are filled
    scenario.assertNothingToDoAt("08:54");
    TreeMap<String, String> pages = new TreeMap<>(Map.of("pages", "size(pages_visited)"));
    scenario.columns(new GivenColumns(true, pages, null));
    scenario.columnRecompute(new Unheard(), CrashPoint.Probe.NONE).execute();
    // Then the next run, which closes the session, finds its row
    scenario.send(click("clock", "09:50"));
    scenario.runAt("09:51");
    scenario.assertEqualToOracle();
  }

  private static final class Unheard implements ColumnRecompute.Listener {
    @Override
    public void left(int days) {}

    @Override
    public void filled(LocalDate day, long changed) {}
  }

  @Test
  void userAddedColumnsKeepTheirValuesIfTheRowStays() {
    // Given closed and open sessions and a rejected record, with user-added columns
    threeUsers();
    for (String ending : List.of("", "_open", "_rejected")) {
      alter(ending, "ADD COLUMNS (campaign STRING, first_ms BIGINT, from_ms STRUCT<`a b`: INT>)");
      TestSpark.session()
          .sql(
              "UPDATE "
                  + names.sessions().replace(names.table(), names.table() + ending)
                  + " SET campaign = 'spring'");
    }
    // When sessions are restated, closed, opened, moved to another id; and records rejected
    scenario.send(
        click("ann", "08:15"), click("bob", "07:50"), click("dan", "09:00"), click("eve", "10:00"));
    sendRejected("10:00");
    scenario.runAt("10:01");
    // Then a row that stays keeps its value, and an added row has none
    scenario.assertEqualToOracle();
    assertEquals(
        "[ann,spring] [bob,null] [cid,spring] [clock,null] [dan,null]",
        text(rows("SELECT uuid, campaign FROM %s ORDER BY uuid")));
    assertEquals(
        "[eve,null]",
        text(
            TestSpark.session().sql("SELECT uuid, campaign FROM " + names.open()).collectAsList()));
    assertEquals(
        "[spring] [null]",
        text(
            TestSpark.session()
                .sql("SELECT campaign FROM " + names.rejected() + " ORDER BY record_time")
                .collectAsList()));
    assertEquals(List.of(), violations());
  }

  @Test
  void eventWithANewJsonFieldIsRead() {
    TestClick first = click("ann", "08:00");
    TestClick second = click("ann", "08:10");
    scenario.topic().send(first, with(first, "\"device\": {\"os\": [1, {\"uuid\": \"bob\"}]}"));
    scenario
        .topic()
        .send(second, with(second, "\"event_details\": {\"event_version\": {\"event_name\": 2}}"));
    scenario.runAt("08:11");
    assertEquals(List.of("08:00-08:10 2 inactivity"), scenario.live().of("ann"));
    assertEquals(List.of(), scenario.rejected());
    assertFalse(scenario.live().byId().toString().contains("bob"));
  }

  /** One closed session for each of three users, and a rejected record. */
  private void threeUsers() {
    for (String user : List.of("ann", "bob", "cid")) {
      scenario.send(click(user, "08:00"), click(user, "08:10"));
    }
    scenario.send(click("clock", "08:52"));
    sendRejected("08:52");
    scenario.runAt("08:53");
    assertEquals(3, scenario.closed().byId().size());
  }

  private void sendRejected(String time) {
    scenario.topic().sendRejected("malformed", 0, "key", "none".getBytes(UTF_8), at(time));
  }

  /** The click with one more field. */
  private static byte[] with(TestClick click, String field) {
    byte[] json = click.json();
    String open = new String(Arrays.copyOf(json, json.length - 1), UTF_8);
    return (open + ", " + field + "}").getBytes(UTF_8);
  }

  private List<String> violations() {
    return new Check(TestSpark.session(), names, recorded -> recorded)
        .violations().collectAsList().stream().map(Row::toString).toList();
  }

  private List<Row> rows(String query) {
    return TestSpark.session().sql(String.format(query, names.sessions())).collectAsList();
  }

  private static String text(List<Row> rows) {
    return String.join(" ", rows.stream().map(Row::toString).toList());
  }

  private void alter(String ending, String change) {
    TestSpark.session().sql("ALTER TABLE local.sessions." + names.table() + ending + " " + change);
  }

  /** Then a snapshot has the schema that the table has now. */
  private void rewriteAllFiles(String ending) {
    TestSpark.session()
        .sql(
            String.format(
                "CALL local.system.rewrite_data_files(table => 'sessions.%s', options => map('rewrite-all', 'true'))",
                names.table() + ending));
  }
}

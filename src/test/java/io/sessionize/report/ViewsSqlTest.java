package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests the views that a user can create. The session columns are added by hand. */
@TestInstance(Lifecycle.PER_CLASS)
class ViewsSqlTest {
  private final SparkSession spark = TestSpark.session();
  private TableNames names;

  @BeforeAll
  void sessionsWithUsers() {
    names =
        TestSessions.of(
            "phone|2026-03-01T08:00|home",
            "phone|2026-03-01T20:00|home|login",
            "phone|2026-03-03T19:59|home",
            "tablet|2026-03-01T09:00|home",
            "tablet|2026-03-02T09:00|home",
            "tablet|2026-03-03T09:00|home",
            "tablet|2026-03-04T09:00|home",
            "kiosk|2026-03-02T09:00|home");
    spark.sql(
        "ALTER TABLE "
            + names.sessions()
            + " ADD COLUMNS (user_id STRING, user_ids ARRAY<STRING>)");
    spark.sql(
        String.format(
            """
            MERGE INTO %s AS session
            USING (SELECT * FROM VALUES
              ('phone', '2026-03-01 20', 'ann', array('ann')),
              ('tablet', '2026-03-02 09', 'ann', array('ann')),
              ('tablet', '2026-03-03 09', 'bob', array('cid', 'bob'))
              AS login (uuid, hour, user_id, user_ids)) AS login
            ON session.uuid = login.uuid AND date_format(session.session_start, 'yyyy-MM-dd HH') = login.hour
            WHEN MATCHED THEN UPDATE SET user_id = login.user_id, user_ids = login.user_ids
            """,
            names.sessions()));
  }

  @Test
  void visitorNumbers() {
    create("views/visits");
    assertEquals(
        List.of(
            "kiosk 1 new 2026-03-02 09:00:00.0 null",
            "phone 1 new 2026-03-01 08:00:00.0 null",
            "phone 2 returning 2026-03-01 08:00:00.0 0",
            "phone 3 returning 2026-03-01 08:00:00.0 1",
            "tablet 1 new 2026-03-01 09:00:00.0 null",
            "tablet 2 returning 2026-03-01 09:00:00.0 1",
            "tablet 3 returning 2026-03-01 09:00:00.0 1",
            "tablet 4 returning 2026-03-01 09:00:00.0 1"),
        rows(
            "uuid, session_number, visitor, first_session_start, days_since_last",
            names.visits(),
            "uuid, session_number"));
  }

  @Test
  void eachUserOfADevice() {
    create("views/identities");
    assertEquals(
        List.of(
            "phone ann 2026-03-01 20:00:00.0 2026-03-01 20:01:00.0 1",
            "tablet ann 2026-03-02 09:00:00.0 2026-03-02 09:00:00.0 1",
            "tablet bob 2026-03-03 09:00:00.0 2026-03-03 09:00:00.0 1",
            "tablet cid 2026-03-03 09:00:00.0 2026-03-03 09:00:00.0 1"),
        rows("*", names.identities(), "uuid, user_id"));
  }

  @Test
  void aSessionWithoutALoginIsOfTheNextUserOfTheDeviceThenOfTheLastOne() {
    create("views/persons");
    assertEquals(
        List.of(
            "kiosk 2026-03-02 09:00:00.0 kiosk false",
            "phone 2026-03-01 08:00:00.0 ann true",
            "phone 2026-03-01 20:00:00.0 ann true",
            "phone 2026-03-03 19:59:00.0 ann true",
            "tablet 2026-03-01 09:00:00.0 ann true",
            "tablet 2026-03-02 09:00:00.0 ann true",
            "tablet 2026-03-03 09:00:00.0 bob true",
            "tablet 2026-03-04 09:00:00.0 bob true"),
        rows("uuid, session_start, person_id, is_identified", names.persons(), "uuid, 2"));
  }

  /**
   * On the sessions table: the live view has the session columns only if a definition adds them.
   */
  private void create(String view) {
    spark.sql(Sql.named(view).with(names).text().replace(names.live(), closed()));
  }

  private String closed() {
    return "(SELECT *, false AS is_open FROM " + names.sessions() + ")";
  }

  private List<String> rows(String columns, String view, String order) {
    return spark
        .sql(String.format("SELECT %s FROM %s ORDER BY %s", columns, view, order))
        .collectAsList()
        .stream()
        .map(row -> row.mkString(" "))
        .toList();
  }
}

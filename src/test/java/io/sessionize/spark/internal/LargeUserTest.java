package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.KnownRows;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** A user with more events than are held at once is restated in parts, from sorted rows. */
class LargeUserTest {
  private static final long EIGHT = Instant.parse("2026-03-01T08:00:00Z").toEpochMilli();
  private static final int EVENTS = RestateUsers.MOST + RestateUsers.MOST / 5;

  /** A day without a pause: each second has the same number of events. */
  private static final int PER_SECOND = 7;

  private final SparkSession spark = TestSpark.session();

  @Test
  void sessionsOfADayOfALargeUserAreThoseOfAllEventsAtOnce() {
    // In the order of a hash, so that rows arrive in no order; one event in a thousand twice.
    Dataset<Row> decoded =
        spark.sql(
            """
            SELECT user AS uuid, 0 AS `partition`, 0L AS record_time_ms, CAST(NULL AS %s) AS rejected, concat('e', id) AS event_id, %d + 1000 * (id DIV %d) AS event_time_ms,
              'home' AS page_name, CAST(NULL AS STRING) AS booking_details,
              CAST(NULL AS STRUCT<event_name: STRING, event_type: STRING, event_value: STRING>) AS event_details,
              CAST(NULL AS BIGINT) AS `order`, 1 AS definition
            FROM (
              SELECT 'undefined' AS user, id FROM range(%d)
              UNION ALL SELECT 'undefined', id FROM range(%d) WHERE id %% 1000 = 0
              UNION ALL SELECT concat('user', id %% 10), id FROM range(100)
            )
            ORDER BY hash(id)
            """
                .formatted(
                    DecodedRows.REJECTION.catalogString(), EIGHT, PER_SECOND, EVENTS, EVENTS));
    InternalRows byUser = UserShuffle.byUser(spark, InternalRows.of(decoded), DecodedRows.SCHEMA);
    InternalRows none =
        UserShuffle.byUser(
            spark,
            InternalRows.of(spark.createDataFrame(List.<Row>of(), KnownRows.KNOWN)),
            KnownRows.KNOWN);
    InternalRows outcomes =
        RestateUsers.restated(
            SessionExpressions.none(RowSchemas.PLAIN),
            Rules.DEFAULT,
            RuleConditions.Counted.NONE,
            byUser,
            none,
            Long.MAX_VALUE / 2,
            DamagedRows.KEEP,
            SetAside.NONE);
    List<String> sessions =
        outcomes
            .toRows(spark, OutcomeRows.OUTCOME)
            .where("uuid = 'undefined'")
            .orderBy("session_start_time_ms")
            .selectExpr(
                "concat_ws(' ', session_start_time_ms, session_end_time_ms, event_count, close_reason, new_events)")
            .as(org.apache.spark.sql.Encoders.STRING())
            .collectAsList();
    int seconds = EVENTS / PER_SECOND;
    int whole = 7_201;
    assertEquals(seconds / whole + 1, sessions.size());
    for (int i = 0; i < sessions.size(); i++) {
      long first = EIGHT + 1000L * whole * i;
      boolean last = i == sessions.size() - 1;
      long events1 = last ? EVENTS - (long) i * whole * PER_SECOND : (long) whole * PER_SECOND;
      long end = last ? EIGHT + 1000L * ((EVENTS - 1) / PER_SECOND) : first + 7_200_000;
      assertEquals(
          String.join(
              " ",
              "" + first,
              "" + end,
              "" + events1,
              last ? "inactivity" : "max_duration",
              "" + events1),
          sessions.get(i));
    }
  }
}

package io.sessionize.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.testing.TestSpark;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SessionChangesTest {
  private static final int EVENTS = 50_000;

  @Test
  @Timeout(60)
  void ofAThousandDifferentEventsTheFirstHundredAreNamed() {
    assertEquals(expected(0, 100, 900), events(EVENTS - 1_000, EVENTS).getString(1));
    assertEquals("[]", events(EVENTS - 1_000, EVENTS).getString(0));
    assertEquals(expected(0, 100, 0), events(EVENTS - 100, EVENTS).getString(1));
  }

  /** The ids that only one of two sessions has: the last events of the first EVENTS. */
  private static Row events(int before, int after) {
    Dataset<Row> rows =
        TestSpark.session()
            .sql(
                "SELECT 0 AS step, is_after, 'ann_session_1' AS session_id, 'ann' AS uuid,"
                    + " transform(sequence(1, events), i -> named_struct("
                    + "   'event_id', concat('\"', "
                    + EVENTS
                    + " - i), 'event_time_ms', i)) AS events"
                    + " FROM VALUES (false, "
                    + before
                    + "), (true, "
                    + after
                    + ") AS t (is_after, events)");
    Dataset<Row> changes = SessionChanges.of(rows);
    return changes
        .withColumn("columns", SessionChanges.columns(changes))
        .selectExpr("columns.events.old", "columns.events.new")
        .head();
  }

  private static String expected(int from, int count, int more) {
    String ids =
        IntStream.range(from, count)
            .mapToObj(i -> "\"\\\"" + (count + more - 1 - i) + "\"")
            .collect(Collectors.joining(","));
    return "[" + ids + (more == 0 ? "" : ",\"and " + more + " more\"") + "]";
  }
}

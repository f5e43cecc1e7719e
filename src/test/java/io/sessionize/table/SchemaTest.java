package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import io.sessionize.spark.internal.CreateTableParser;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The code knows the position and type of each column; the statements define them. */
class SchemaTest {
  private static final TableNames NAMES = new TableNames("local", "schema", "sessions");

  @Test
  void theSessionsTableHasTheColumnsThatTheCodeKnows() {
    assertColumns("sessions", SessionRows.SESSION);
  }

  @Test
  void theStagingTableHasTheColumnsThatTheCodeKnows() {
    assertColumns("open", SessionRows.OPEN);
  }

  @Test
  void theRejectedTableHasTheColumnsThatTheCodeKnows() {
    assertColumns(
        "rejected",
        DecodedRows.REJECTION
            .add("rejected_at", DataTypes.TimestampType)
            .add("taken_in_by", DataTypes.LongType));
  }

  @Test
  void everyPositionIsThatOfItsColumn() {
    assertPosition("session_start_time_ms", SessionRows.START_MS, SessionRows.SESSION);
    assertPosition("session_end_time_ms", SessionRows.END_MS, SessionRows.SESSION);
    assertPosition("session_duration_seconds", SessionRows.DURATION_SECONDS, SessionRows.SESSION);
    assertPosition("event_count", SessionRows.EVENT_COUNT, SessionRows.SESSION);
    assertPosition("pages_visited", SessionRows.PAGES_VISITED, SessionRows.SESSION);
    assertPosition("session_start", SessionRows.START, SessionRows.SESSION);
    assertPosition("session_end", SessionRows.END, SessionRows.SESSION);
    assertPosition("close_reason", SessionRows.CLOSE_REASON, SessionRows.SESSION);
    assertPosition("boundary_rule", SessionRows.BOUNDARY_RULE, SessionRows.SESSION);
    assertPosition("events", SessionRows.EVENTS, SessionRows.SESSION);
    assertPosition("event_id", EventRows.EVENT_ID, EventRows.EVENT);
    assertPosition("event_time_ms", EventRows.EVENT_TIME_MS, EventRows.EVENT);
    assertPosition("event_details", EventRows.EVENT_DETAILS, EventRows.EVENT);
    assertPosition("order", EventRows.ORDER, EventRows.EVENT);
    assertPosition("definition", EventRows.DEFINITION, EventRows.EVENT);
    assertPosition("partition", DecodedRows.PARTITION, DecodedRows.SCHEMA);
    assertPosition("rejected", DecodedRows.REJECTED, DecodedRows.SCHEMA);
    assertPosition("index", DecodedRows.REJECTION_INDEX, DecodedRows.REJECTION);
    assertPosition("record_time", DecodedRows.REJECTION_RECORD_TIME, DecodedRows.REJECTION);
    assertPosition("detail", DecodedRows.REJECTION_DETAIL, DecodedRows.REJECTION);
    assertPosition("change", OutcomeRows.CHANGE, OutcomeRows.OUTCOME);
    assertPosition("damaged", OutcomeRows.DAMAGED, OutcomeRows.OUTCOME);
    assertPosition("replaced_events", OutcomeRows.REPLACED_EVENTS, OutcomeRows.OUTCOME);
    assertPosition("conflicting_copies", OutcomeRows.CONFLICTING_COPIES, OutcomeRows.OUTCOME);
  }

  private static void assertPosition(String column, int position, StructType columns) {
    assertEquals(column, columns.fieldNames()[position]);
  }

  private static void assertColumns(String table, StructType known) {
    String statement = Sql.named("schema/" + table).with(NAMES).text();
    StructType defined = CreateTableParser.parse(TestSpark.session(), statement).columns();
    assertEquals(known.catalogString(), defined.catalogString());
  }
}

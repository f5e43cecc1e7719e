package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Tests the report on tables to which session columns are added by hand. */
class ColumnSectionTest {
  private static final SparkSession SPARK = TestSpark.session();
  private static final Instant NOW = Instant.parse("2026-03-05T00:00:00Z");
  private static final String WEB =
      "channel STRING, key_events BIGINT, revenue DOUBLE, bounced BOOLEAN";

  @Test
  void eachValueByDayWithBouncesConversionsAndRevenue() {
    JsonNode data = data(twoDays(WEB));
    assertEquals("[\"channel\"]", data.at("/session_columns/texts").toString());
    assertEquals(
        "[\"bounced\",\"key_events\",\"revenue\"]",
        data.at("/session_columns/measures").toString());
    assertEquals(
        List.of(
            "0 2026-03-01 Direct 2 2 1 2 1 12.3457",
            "0 2026-03-02 null 1 0 0 0 0 null",
            "0 2026-03-02 Direct 1 1 1 1 0 null",
            "0 2026-03-02 Email 1 1 0 1 1 0.1"),
        rows(data.get("breakdown")));
    assertEquals(
        List.of("2026-03-01 2 2 1 3 12.3457", "2026-03-02 3 2 1 1 0.1"),
        rows(data.get("conversion_per_day")));
  }

  @Test
  void thePlainSqlGivesTheSameWithoutTheReport() {
    TableNames names = twoDays(WEB);
    assertEquals(
        List.of(
            "2026-03-01 0 Direct 2 2 1 2 1 12.345678",
            "2026-03-02 0 null 1 0 0 0 0 null",
            "2026-03-02 0 Direct 1 1 1 1 0 null",
            "2026-03-02 0 Email 1 1 0 1 1 0.1"),
        sql("analytics/breakdown", names));
    assertEquals(
        List.of("2026-03-01 2 2 1 3 12.345678", "2026-03-02 3 2 1 1 0.1"),
        sql("analytics/conversion_per_day", names));
  }

  @Test
  void tablesWithoutSessionColumnsHaveNoBreakdown() {
    JsonNode data = data(TestSessions.of("ann|2026-03-01T08:00|home"));
    assertEquals(
        "{\"texts\":[],\"left_out\":0,\"measures\":[]}", data.get("session_columns").toString());
    assertFalse(data.has("breakdown"));
    assertFalse(data.has("conversion_per_day"));
  }

  @Test
  void aMeasureNeedsItsTypeAndAnyNameIsAColumn() {
    TableNames names = TestSessions.of("ann|2026-03-01T08:00|home");
    List<String> columns = List.of("bounced", "day", "value", "it's `a.b` -- <", "__proto__");
    for (String column : columns) {
      alter(names.sessions(), TableNames.quote(column) + " STRING");
    }
    alter(names.sessions(), "revenue DECIMAL(9,2), key_events BOOLEAN");
    SPARK.sql(
        String.format(
            "UPDATE %s SET bounced = 'no', value = 'v', %s = 'x', revenue = 1.5",
            names.sessions(), TableNames.quote(columns.get(3))));
    JsonNode data = data(names);
    assertEquals(columns, texts(data.at("/session_columns/texts")));
    assertEquals("[\"revenue\"]", data.at("/session_columns/measures").toString());
    assertEquals(
        List.of(
            "0 2026-03-01 no 1 0 0 0 0 1.5",
            "1 2026-03-01 null 1 0 0 0 0 1.5",
            "2 2026-03-01 v 1 0 0 0 0 1.5",
            "3 2026-03-01 x 1 0 0 0 0 1.5",
            "4 2026-03-01 null 1 0 0 0 0 1.5"),
        rows(data.get("breakdown")));
    assertEquals(List.of("2026-03-01 1 0 0 null 1.5"), rows(data.get("conversion_per_day")));
  }

  @Test
  void openSessionsHaveTheirColumnsToo() {
    TableNames names = TestSessions.of("ann|2026-03-01T08:00|home");
    alter(names.sessions(), "channel STRING, device STRING");
    SPARK.sql(String.format("UPDATE %s SET channel = 'Email', device = 'tv'", names.sessions()));
    open(names);
    assertEquals(
        List.of(
            "0 2026-03-01 null 1 0 0 0 0 null",
            "0 2026-03-01 Email 1 0 0 0 0 null",
            "1 2026-03-01 null 1 0 0 0 0 null",
            "1 2026-03-01 tv 1 0 0 0 0 null"),
        rows(data(names).get("breakdown")));
    alter(names.open(), "key_events INT, device STRING");
    SPARK.sql(String.format("UPDATE %s SET device = 'bot', key_events = 2", names.open()));
    JsonNode data = data(names);
    assertEquals(List.of("channel", "device"), texts(data.at("/session_columns/texts")));
    assertEquals(
        List.of(
            "0 2026-03-01 null 1 0 0 1 1 null",
            "0 2026-03-01 Email 1 0 0 0 0 null",
            "1 2026-03-01 bot 1 0 0 1 1 null",
            "1 2026-03-01 tv 1 0 0 0 0 null"),
        rows(data.get("breakdown")));
  }

  @Test
  void oneTableMayHaveAPropertyOfEventsThatTheOtherHasNot() {
    TableNames names = TestSessions.of("ann|2026-03-01T08:00|home|search");
    SPARK.sql("ALTER TABLE " + names.sessions() + " ADD COLUMN events.element.price DOUBLE");
    alter(names.sessions(), "channel STRING");
    SPARK.sql("UPDATE " + names.sessions() + " SET channel = 'Email'");
    open(names);
    LiveRows live = LiveRows.of(SPARK.table(names.sessions()), SPARK.table(names.open()));
    assertEquals(
        List.of("false Email search", "true null search"),
        live.rows(ColumnChoice.of(live.sessionColumns()))
            .selectExpr("concat_ws(' ', is_open, coalesce(text_0, 'null'), events[1].page_name)")
            .as(Encoders.STRING())
            .collectAsList());
  }

  @Test
  void aRevenueThatIsNoNumberDoesNotSpoilTheSum() {
    TableNames names = TestSessions.of("ann|2026-03-01T08:00|home", "bob|2026-03-01T09:00|home");
    alter(names.sessions(), "channel STRING, revenue DOUBLE");
    SPARK.sql(
        String.format(
            "UPDATE %s SET channel = 'Email', revenue = IF(uuid = 'ann', double('NaN'), 0.1 + 0.2)",
            names.sessions()));
    assertEquals("[0.3]", data(names).at("/breakdown/revenue").toString());
    SPARK.sql("UPDATE " + names.sessions() + " SET revenue = 1e308D");
    assertEquals("[null]", data(names).at("/breakdown/revenue").toString());
  }

  /** Forty columns of twenty long values that JSON must escape, on a hundred days. */
  @Test
  void thePageStaysSmallForAnyNumberOfColumnsAndValues() {
    TableNames names = TestSessions.of("ann|2026-01-01T08:00|home");
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      columns.add("column_" + i);
    }
    alter(names.sessions(), String.join(" STRING, ", columns) + " STRING");
    alter(names.sessions(), "key_events BIGINT, revenue DOUBLE, bounced BOOLEAN");
    String value = "concat(id DIV 100, '-', repeat('<', 3000))";
    SPARK.sql(
        String.format(
            """
            INSERT OVERWRITE %1$s
            SELECT uuid, concat(session_id, '-', id), at_ms, at_ms, 0L, 1L, pages_visited, timestamp_millis(at_ms),
              timestamp_millis(at_ms), 'inactivity', NULL, events, %2$s, 1L, 123456.78901D * id, false
            FROM (SELECT *, session_start_time_ms + 86400000L * (id %% 100) + 1000L * (id DIV 100) AS at_ms
              FROM %1$s, range(2000))
            """,
            names.sessions(), String.join(", ", Collections.nCopies(40, value))));
    HtmlReport report = new HtmlReport(SPARK, names, List.of("home"));
    JsonNode data = report.data(NOW);
    assertEquals(columns.subList(0, 30), texts(data.at("/session_columns/texts")));
    assertEquals(10, data.at("/session_columns/left_out").intValue());
    List<String> values = texts(data.at("/breakdown/value/texts"));
    assertEquals(13, values.size());
    assertTrue(values.contains("(other values)"));
    assertTrue(values.stream().allMatch(text -> text.length() <= 100));
    assertEquals(30 * 92 * 13, data.at("/breakdown/sessions").size());
    assertTrue(data.get("breakdown").toString().length() < 2_000_000);
    int bytes = Template.REPORT.fill((ObjectNode) data).getBytes(StandardCharsets.UTF_8).length;
    assertTrue(bytes < 5_000_000, bytes + " bytes");
  }

  private static JsonNode data(TableNames names) {
    return new HtmlReport(SPARK, names, List.of("home")).data(NOW);
  }

  /** Creates five sessions. The columns of the last one are not filled. */
  private static TableNames twoDays(String columns) {
    TableNames names =
        TestSessions.of(
            "ann|2026-03-01T08:00|home|search",
            "bob|2026-03-01T09:00|home",
            "cid|2026-03-02T08:00|home",
            "dan|2026-03-02T09:00|home|search",
            "eve|2026-03-02T10:00|home");
    alter(names.sessions(), columns);
    SPARK.sql(
        String.format(
            """
            MERGE INTO %s AS session
            USING (SELECT * FROM VALUES
              ('ann', 'Direct', 3L, 12.345678D, false),
              ('bob', 'Direct', 0L, NULL, true),
              ('cid', 'Direct', 0L, NULL, true),
              ('dan', 'Email', 1L, 0.1D, false)
              AS filled (uuid, channel, key_events, revenue, bounced)) AS filled
            ON session.uuid = filled.uuid
            WHEN MATCHED THEN UPDATE SET channel = filled.channel, key_events = filled.key_events,
              revenue = filled.revenue, bounced = filled.bounced
            """,
            names.sessions()));
    return names;
  }

  private static void open(TableNames names) {
    SPARK.sql(
        String.format(
            """
            INSERT INTO %s BY NAME
            SELECT uuid, concat(session_id, '-open') AS session_id, session_start_time_ms, session_end_time_ms,
              session_duration_seconds, event_count, pages_visited, session_start, session_end, close_reason,
              boundary_rule, transform(events, e -> struct(e.event_id, e.event_time_ms, e.page_name, e.booking_details,
                e.event_details, e.`order`, e.definition)) AS events, false AS published
            FROM %s
            """,
            names.open(), names.sessions()));
  }

  private static void alter(String table, String columns) {
    SPARK.sql("ALTER TABLE " + table + " ADD COLUMNS (" + columns + ")");
  }

  private static List<String> sql(String name, TableNames names) {
    String text =
        Sql.named(name)
            .with("live", names.sessions())
            .with("from", "2026-03-01")
            .with("columns", "channel")
            .text();
    return SPARK.sql(text).collectAsList().stream().map(row -> row.mkString(" ")).toList();
  }

  /** The rows of a member of the data, each as its values in the order of the columns. */
  private static List<String> rows(JsonNode columns) {
    List<String> rows = new ArrayList<>();
    for (JsonNode column : columns) {
      JsonNode values = column.isArray() ? column : column.get("rows");
      for (int row = 0; row < values.size(); row++) {
        JsonNode value = values.get(row);
        String text =
            column.isArray() || value.isNull()
                ? value.asText()
                : column.get("texts").get(value.intValue()).textValue();
        if (row < rows.size()) {
          rows.set(row, rows.get(row) + " " + text);
        } else {
          rows.add(text);
        }
      }
    }
    return rows;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }
}

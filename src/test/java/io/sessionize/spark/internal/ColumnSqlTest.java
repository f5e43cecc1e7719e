package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.SessionColumn;
import io.sessionize.row.OutcomeRows;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Session;
import io.sessionize.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnSqlTest {
  private static final List<Property> PROPERTIES =
      List.of(new Property("price", PropertyType.DOUBLE));

  private static final Session SESSION =
      new Session(
          "ann",
          List.of(
              event(0, "a", "home", null, null),
              event(60_000, "b", null, new EventDetails("purchase", "shop", "x"), 12.5),
              event(600_000, "c", "cart", new EventDetails("purchase", "shop", "y"), null)),
          CloseReason.INACTIVITY);

  private static Event event(
      long afterMs, String id, String page, EventDetails details, Double price) {
    return new Event(
        1_772_400_000_000L + afterMs,
        null,
        id,
        1,
        page,
        null,
        details,
        Properties.of(PROPERTIES, new Object[] {price}));
  }

  private static RecordedColumns recorded(Map<String, String> columns) {
    return new GivenColumns(true, new TreeMap<>(columns), null)
        .takenInto(
            RecordedColumns.NONE,
            true,
            given -> ColumnSql.typed(TestSpark.session(), given, PROPERTIES));
  }

  private static Row written(RecordedColumns columns, Outcome outcome) {
    return written(SessionExpressions.of(TestSpark.session(), columns, PROPERTIES), outcome);
  }

  private static Row written(SessionExpressions expressions, Outcome outcome) {
    OutcomeRowWriter writer = new OutcomeRowWriter(expressions.schemas(), expressions.compile());
    return (Row)
        CatalystTypeConverters.createToScalaConverter(expressions.schemas().outcome())
            .apply(writer.write(outcome));
  }

  private static Outcome added() {
    return new Outcome(SESSION, Change.ADDED, null, false, true, false, 3);
  }

  private static String value(Row row, int column) {
    Object value = row.get(OutcomeRows.COLUMNS + column);
    return value instanceof scala.collection.Seq
        ? row.getList(OutcomeRows.COLUMNS + column).toString()
        : String.valueOf(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event_count | bigint | 3",
        "uuid | string | ann",
        "session_duration_seconds > 300 AND event_count >= 2 | boolean | true",
        "size(filter(events, e -> e.event_name = 'purchase')) | int | 2",
        "size(filter(events, e -> e.event_details.event_name = 'purchase')) | int | 2",
        "events.event_name | array<string> | [null, purchase, purchase]",
        "events[1].event_value | string | x",
        "element_at(events, -1).event_type | string | shop",
        "filter(events, e -> e.price > 1)[0].event_name | string | purchase",
        "transform(events, e -> named_struct('event_name', e.page_name))[0].event_name | string | home",
        "aggregate(filter(events, e -> e.event_name = 'purchase'), 0D, (s, e) -> s + coalesce(e.price, 0D)) | double | 12.5",
        "CAST(12.345 AS DECIMAL(6,2)) | decimal(6,2) | 12.35",
        "date(session_start) | date | 2026-03-01",
        "named_struct('first', pages_visited[0], 'n', 1) | struct<first:string,n:int> | [home,1]",
        "close_reason | string | inactivity",
        "-- a comment\\n 1 | int | 1",
      })
  void anExpressionHasTheTypeAndTheValueOfSpark(String sql, String type, String value) {
    RecordedColumns columns = recorded(Map.of("c", sql.replace("\\n", "\n")));
    assertEquals(type, columns.used().get(0).type());
    assertEquals(value, value(written(columns, added()), 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "now() | uses the function now, which is not allowed: now(). Its value must depend on the session alone.",
        "session_start < DATE 'today' | uses a time of today",
        "rand() | uses the function rand",
        "(SELECT max(1)) | uses a query",
        "count(*) | uses the function count",
        "row_number() OVER (ORDER BY uuid) | uses the function row_number",
        "explode(events) | uses the function explode",
        "is_open | names is_open, which is not one of the session's own columns",
        "upper(other) | names other, which is not one of the session's own columns",
        "exists(events, e -> e.color = 'x') | is not a valid expression",
        "map('a', 1) | is of type map<string,int>: a column cannot hold map<string,int>",
        "array(map('a', 1)) | a column cannot hold map<string,int>",
        "make_dt_interval(1) | a column cannot hold interval",
        "events[0] | name the fields of the event",
        "NULL | is of type void: cast it to a type",
        "CAST(1 AS SMALLINT) | is of type smallint: cast it to int",
        "named_struct('a b', 1) | give each field of a structure a name of letters, digits and _",
        "named_struct('a', 1, 'A', 2) | give each field of a structure a name of letters, digits and _",
      })
  void whatIsNotAllowedIsNamedWithTheColumn(String sql, String message) {
    Failure failure =
        assertThrows(Failure.class, () -> recorded(Map.of("mine", sql, "other", "1")));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith("session column mine "), failure.getMessage());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
    assertEquals(1, failure.getMessage().lines().count());
  }

  @Test
  void aColumnThatFailsIsNullAndCountedByItself() {
    RecordedColumns columns =
        recorded(Map.of("bad", "element_at(events, 0).event_id", "good", "event_count"));
    Row row = written(columns, added());
    assertEquals("null", value(row, 0));
    assertEquals("3", value(row, 1));
    assertEquals(1, row.getInt(OutcomeRows.FAILED_COLUMNS));
    SessionExpressions counted =
        SessionExpressions.of(TestSpark.session(), columns, PROPERTIES)
            .counted(TestSpark.session());
    assertEquals(Map.of(), counted.failed());
    written(counted, added());
    written(counted, added());
    assertEquals(Map.of("bad", 2L), counted.failed());
  }

  @Test
  void aRemovedRowHasNoValues() {
    Outcome removed =
        Outcome.removed(
            new io.sessionize.session.Published(SESSION.id(), SESSION.startMs(), SESSION, true));
    Row row = written(recorded(Map.of("a", "event_count", "b", "uuid")), removed);
    assertEquals("null null", value(row, 0) + " " + value(row, 1));
  }

  @Test
  void aColumnOfTheTablesMayBeWiderThanTheExpression() {
    RecordedColumns narrow = recorded(Map.of("c", "size(events)"));
    RecordedColumns wide =
        new GivenColumns(true, new TreeMap<>(Map.of("c", "event_count")), null)
            .takenInto(
                narrow, true, given -> ColumnSql.typed(TestSpark.session(), given, PROPERTIES));
    RecordedColumns past = new RecordedColumns(wide.taken(), 1);
    assertEquals(new SessionColumn("c", "bigint", "size(events)"), past.used().get(0));
    assertEquals("3", value(written(past, added()), 0));
  }

  /** The YAML of the document: each column is allowed. */
  @Test
  void theColumnsOfTheDocumentAreAllowed() throws Exception {
    String document = Files.readString(Path.of("docs/columns.md"));
    List<String> shown =
        Pattern.compile("^```yaml\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(document)
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertTrue(shown.size() > 0);
    for (String yaml : shown) {
      String file =
          yaml.startsWith("version:")
              ? yaml
              : "version: 1\ntopics: {clicks: {preset: sessionize}}\n" + yaml;
      var content = io.sessionize.event.DefinitionFile.parse("docs/columns.md", file);
      assertTrue(content.columns().isGiven(), yaml);
      ColumnSql.typed(TestSpark.session(), content.columns(), content.definition().properties());
    }
  }
}

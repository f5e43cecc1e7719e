package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published;
import io.sessionize.session.Published.Damage;
import io.sessionize.session.Session;
import io.sessionize.session.StoredAt;
import io.sessionize.table.Sql;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SessionRowReaderTest {
  private static final long START = 1_772_359_200_123L;

  private static final Session SESSION =
      new Session(
          "ann 😀",
          List.of(
              new Event(START, "a", "home", "", new EventDetails("click", null, "x")),
              new Event(START + 999, "b", null, null, null),
              new Event(START + 1_000, "c", "search", "{}", new EventDetails(null, null, null))),
          CloseReason.MAX_DURATION);

  private static final Published STORED = new Published(SESSION.id(), START, SESSION, true);

  @Test
  void aSessionIsReadBackAsItWasWritten() {
    Row row = read(written(outcome(Change.ADDED)));
    assertEquals(SESSION, ReadSession.session(row));
    assertEquals(STORED, ReadSession.published(row));
  }

  static Stream<Arguments> alterations() {
    return Stream.of(
        alteration("session_id", "another"),
        alteration("session_id", null),
        alteration("session_start_time_ms", START - 1),
        alteration("session_start_time_ms", null),
        alteration("session_end_time_ms", START),
        alteration("session_duration_seconds", 2L),
        alteration("event_count", 4L),
        alteration("event_count", null),
        alteration("pages_visited", new String[] {"search", "home"}),
        alteration("pages_visited", null),
        alteration("session_start", new Timestamp(0)),
        alteration("session_start", null),
        alteration("session_end", new Timestamp(0)),
        alteration("uuid", "bob"),
        alteration("events", new Object[0]));
  }

  @ParameterizedTest
  @MethodSource("alterations")
  void aRowInWhichAColumnWasAlteredIsNotIntact(String column, Object value) {
    assertFalse(ReadSession.published(altered(column, value)).intact());
  }

  static Stream<Arguments> damages() {
    Row first = event("a", START);
    Row last = event("c", START + 1_000);
    return Stream.of(
        Arguments.arguments(null, 0),
        Arguments.arguments(new Row[0], 0),
        Arguments.arguments(new Row[] {null}, 0),
        Arguments.arguments(new Row[] {first, null, last}, 2),
        Arguments.arguments(new Row[] {first, event(null, START + 1)}, 1),
        Arguments.arguments(new Row[] {event("a", null), last}, 1));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void aRowWhoseEventsCannotAllBeReadIsDamaged(Row[] events, int readable) {
    Row row = altered("events", events);
    Published damaged = ReadSession.published(row);
    assertEquals(new Damage(START, START + 1_000), damaged.damage());
    assertFalse(damaged.intact());
    assertEquals(readable, damaged.session().events().size());
    assertEquals("ann 😀", damaged.session().uuid());
    assertTrue(SessionRowReader.isDamaged(ReadSession.internal(row), ReadSession.session(row)));
  }

  @Test
  void aWholeRowIsNotDamagedWhateverElseWasAltered() {
    assertFalse(STORED.isDamaged());
    for (String column : SessionRows.SESSION.fieldNames()) {
      if (!column.equals("events")) {
        assertFalse(ReadSession.published(altered(column, null)).isDamaged(), column);
      }
    }
  }

  @Test
  void theTimesOfADamagedRowAreThoseThatItStillGives() {
    assertEquals(new Damage(START, START), damage("session_end_time_ms"));
    assertEquals(new Damage(START, START + 1_000), damage("session_start_time_ms"));
    assertEquals(
        new Damage(Long.MAX_VALUE, Long.MIN_VALUE),
        damage("session_start_time_ms", "session_start"));
  }

  private static Damage damage(String... missing) {
    Map<String, Object> values = new HashMap<>();
    values.put("events", null);
    for (String column : missing) {
      values.put(column, null);
    }
    return ReadSession.published(altered(values)).damage();
  }

  private static Row event(String id, Long timeMs) {
    return RowFactory.create(id, timeMs, "home", null, null, null, 1);
  }

  @Test
  void ofADamagedRowThatStaysItsKeyAloneIsWritten() {
    Session nothing = new Session("ann 😀", List.of(), CloseReason.INACTIVITY);
    Published damaged =
        new Published("stored id", START - 5, nothing, false, new Damage(START, START), List.of());
    Row row = written(new Outcome(nothing, Change.NONE, damaged, true, false, true, 0));
    assertEquals("stored id", value(row, "session_id"));
    assertEquals("NONE", value(row, "change"));
    assertEquals(true, value(row, "is_open"));
    assertEquals(true, value(row, "damaged"));
    assertNull(value(row, "session_start"));
    assertEquals(false, value(written(outcome(Change.ADDED)), "damaged"));
  }

  @Test
  void aCloseReasonThatWasAlteredIsAnotherSession() {
    Published altered = ReadSession.published(altered("close_reason", "boredom"));
    assertNull(altered.session().closeReason());
    assertFalse(altered.session().equals(SESSION));
  }

  @Test
  void whereARowWasMovedToAnotherDayThatDayIsKnown() {
    assertEquals(0, ReadSession.published(altered("session_start", new Timestamp(0))).startMs());
  }

  @Test
  void anOutcomeSaysWhatBecomesOfTheSession() {
    Row row = written(new Outcome(SESSION, Change.CHANGED, STORED, true, true, false, 2));
    assertEquals("CHANGED", value(row, "change"));
    assertEquals(new Timestamp(START), value(row, "stored_start"));
    assertEquals(true, value(row, "is_open"));
    assertEquals(true, value(row, "published"));
    assertEquals(false, value(row, "was_staged"));
    assertEquals(2, value(row, "new_events"));
  }

  @Test
  void aDeletionNamesItsRowAndTheDayThatHoldsItAndNothingElse() {
    Published gone = new Published("stored id", START - 5, SESSION, false);
    Row row = written(new Outcome(SESSION, Change.REMOVED, gone, false, false, false, 0));
    assertEquals("ann 😀", value(row, "uuid"));
    assertEquals("stored id", value(row, "session_id"));
    assertEquals(0L, value(row, "event_count"));
    assertEquals(new Timestamp(START - 5), value(row, "stored_start"));
    assertNull(value(row, "session_start"));
    assertNull(value(row, "pages_visited"));
  }

  @Test
  void anOutcomeSaysWhereTheRowIsStored() {
    Published stored =
        new Published(
            "id", START, SESSION, false, null, List.of(new StoredAt(3, 17), new StoredAt(4, 0)));
    Row row = written(new Outcome(SESSION, Change.CHANGED, stored, false, true, false, 0));
    assertEquals(
        List.of(RowFactory.create(3, 17L), RowFactory.create(4, 0L)),
        row.getList(OutcomeRows.STORED_AT));
  }

  @Test
  void nothingOfAnOutcomeIsLeftInTheNext() {
    Outcome deletion = new Outcome(SESSION, Change.REMOVED, STORED, false, false, false, 0);
    OutcomeRowWriter writer = new OutcomeRowWriter(RowSchemas.PLAIN);
    InternalRow first = writer.write(outcome(Change.ADDED)).copy();
    assertEquals(new OutcomeRowWriter(RowSchemas.PLAIN).write(deletion), writer.write(deletion));
    assertEquals(first, writer.write(outcome(Change.ADDED)));
  }

  @Test
  void aTextThatManyEventsRepeatIsHeldOnce() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 9_000; i++) {
      // Many pages, so that not all of them are looked out for, and one that comes again
      String page = i % 2 == 0 ? new String("home") : "page " + i;
      events.add(new Event(START + i, "e" + i, page, null, null));
    }
    Session session = new Session("ann", events, CloseReason.INACTIVITY);
    Outcome outcome = new Outcome(session, Change.ADDED, null, false, true, false, 9_000);
    Session read = ReadSession.session(read(written(outcome)));
    assertEquals(session, read);
    String one = read.events().get(6_000).pageName();
    assertSame(one, read.events().get(8_998).pageName());
  }

  @Test
  void everyColumnOfTheTablesIsWritten() {
    assertEquals(OutcomeRows.OUTCOME.length(), written(outcome(Change.ADDED)).length());
    String schema = Sql.named("schema/sessions").text();
    for (String column : SessionRows.SESSION.fieldNames()) {
      assertTrue(schema.contains("\n  " + column + " "), column);
    }
  }

  private static Arguments alteration(String column, Object value) {
    return Arguments.arguments(column, value);
  }

  private static Outcome outcome(Change change) {
    return new Outcome(SESSION, change, null, false, true, false, 3);
  }

  private static Row written(Outcome outcome) {
    return WrittenOutcome.of(outcome);
  }

  private static Object value(Row written, String column) {
    return written.get(OutcomeRows.OUTCOME.fieldIndex(column));
  }

  private static Row altered(String column, Object value) {
    Map<String, Object> values = new HashMap<>();
    values.put(column, value);
    return altered(values);
  }

  private static Row altered(Map<String, Object> alterations) {
    Row row = written(outcome(Change.ADDED));
    Object[] values = new Object[row.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    alterations.forEach((column, value) -> values[OutcomeRows.OUTCOME.fieldIndex(column)] = value);
    return read(RowFactory.create(values));
  }

  /** The row as Spark hands it out, which is not quite as it was handed in. */
  private static Row read(Row row) {
    Object internal =
        CatalystTypeConverters.createToCatalystConverter(OutcomeRows.OUTCOME).apply(row);
    return (Row) CatalystTypeConverters.createToScalaConverter(OutcomeRows.OUTCOME).apply(internal);
  }
}

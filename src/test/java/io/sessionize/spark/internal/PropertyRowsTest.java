package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Session;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events with properties of all types are read back from rows as they were written. */
class PropertyRowsTest {
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("text", PropertyType.STRING),
          new Property("number", PropertyType.LONG),
          new Property("measure", PropertyType.DOUBLE),
          new Property("yes", PropertyType.BOOLEAN),
          new Property("price", PropertyType.decimal(10, 2)),
          new Property("huge", PropertyType.decimal(38, 9)),
          new Property("at", PropertyType.TIMESTAMP));
  private static final RowSchemas SCHEMAS = RowSchemas.of(PROPERTIES);
  private static final Event FULL =
      event(
          "a",
          new EventDetails("n", "t", "v"),
          "é😀",
          Long.MIN_VALUE,
          -0.0,
          true,
          new BigDecimal("-12345678.90"),
          new BigDecimal("12345678901234567890123456789.123456789"),
          Instant.parse("1969-12-31T23:59:59.999999Z"));
  private static final Event PARTLY = event("b", null, null, 7L, null, null, null, null, null);
  private static final Event BARE = new Event(3, "c", null, null, null);

  private static Event event(String id, EventDetails details, Object... values) {
    return new Event(2, 5L, id, 2, "p", null, details, Properties.of(PROPERTIES, values));
  }

  @Test
  void aDecodedRowKeepsNothingOfThePreviousOne() {
    DecodedRowWriter writer = new DecodedRowWriter(SCHEMAS);
    SessionRowReader reader = new SessionRowReader(SCHEMAS);
    for (Event event : List.of(FULL, BARE, PARTLY, FULL)) {
      Event read = reader.event(writer.write("ann", event, 0, 1), new RepeatedTexts());
      assertEquals(event, read);
      assertEquals(event.hashCode(), read.hashCode());
    }
    assertNull(reader.event(writer.write("ann", BARE, 0, 1), new RepeatedTexts()).properties());
  }

  @Test
  void aSessionIsReadBackAsItWasWritten() {
    Session session = new Session("ann", List.of(FULL, PARTLY, BARE), CloseReason.INACTIVITY);
    Outcome outcome = new Outcome(session, Change.ADDED, null, true, false, false, 3);
    SessionRowReader reader = new SessionRowReader(SCHEMAS);
    OutcomeRowWriter writer = new OutcomeRowWriter(SCHEMAS);
    assertEquals(session, reader.session(writer.write(outcome)));
  }

  @Test
  void propertiesAreTheLastColumns() {
    assertEquals("text", SCHEMAS.event().fieldNames()[EventRows.PROPERTIES]);
    assertEquals("text", SCHEMAS.decoded().fieldNames()[DecodedRows.EVENT + EventRows.PROPERTIES]);
    assertEquals(SCHEMAS.decoded().length(), DecodedRows.EVENT + SCHEMAS.event().length());
  }
}

package io.sessionize.spark.internal;

import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.row.KnownRows;
import io.sessionize.row.Micros;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Published;
import io.sessionize.session.Published.Damage;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Session;
import io.sessionize.session.StoredAt;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads sessions and events from rows in Spark's internal format. */
public final class SessionRowReader {
  private final List<Property> properties;
  private final int eventColumns;
  private final ColumnValues columns;

  /**
   * @param schemas columns of the rows; session columns are not read
   */
  public SessionRowReader(RowSchemas schemas) {
    this(schemas, null);
  }

  /**
   * @param columns session columns that stored rows must have; null if there are none
   */
  SessionRowReader(RowSchemas schemas, ColumnValues columns) {
    this.columns = columns;
    this.properties = schemas.properties();
    this.eventColumns = schemas.event().length();
  }

  /**
   * Reads the event of a row of {@link DecodedRows}.
   *
   * @param texts cache of repeated texts, for one user
   */
  Event event(InternalRow row, RepeatedTexts texts) {
    return event(row, DecodedRows.EVENT, texts);
  }

  private Event event(InternalRow row, int first, RepeatedTexts texts) {
    InternalRow details =
        row.isNullAt(first + EventRows.EVENT_DETAILS)
            ? null
            : row.getStruct(first + EventRows.EVENT_DETAILS, EventRows.DETAILS.length());
    return new Event(
        row.getLong(first + EventRows.EVENT_TIME_MS),
        row.isNullAt(first + EventRows.ORDER) ? null : row.getLong(first + EventRows.ORDER),
        text(row, first + EventRows.EVENT_ID),
        row.isNullAt(first + EventRows.DEFINITION)
            ? Event.FIRST_DEFINITION
            : row.getInt(first + EventRows.DEFINITION),
        texts.once(text(row, first + EventRows.PAGE_NAME)),
        texts.once(text(row, first + EventRows.BOOKING_DETAILS)),
        details == null
            ? null
            : new EventDetails(
                texts.once(text(details, 0)),
                texts.once(text(details, 1)),
                texts.once(text(details, 2))),
        properties(row, first + EventRows.PROPERTIES, texts));
  }

  private Properties properties(InternalRow row, int first, RepeatedTexts texts) {
    Object[] values = null;
    for (int i = 0; i < properties.size(); i++) {
      if (!row.isNullAt(first + i)) {
        values = values == null ? new Object[properties.size()] : values;
        values[i] = value(row, first + i, properties.get(i).type(), texts);
      }
    }
    return values == null ? null : Properties.of(properties, values);
  }

  private static Object value(InternalRow row, int column, PropertyType type, RepeatedTexts texts) {
    return switch (type.kind()) {
      case STRING -> texts.once(text(row, column));
      case LONG -> row.getLong(column);
      case DOUBLE -> row.getDouble(column);
      case BOOLEAN -> row.getBoolean(column);
      case DECIMAL -> row.getDecimal(column, type.precision(), type.scale()).toJavaBigDecimal();
      case TIMESTAMP -> Micros.toInstant(row.getLong(column));
    };
  }

  private static String text(InternalRow row, int column) {
    return row.isNullAt(column) ? null : row.getUTF8String(column).toString();
  }

  /** Reads a session from its events and why it ends. Skips events that cannot be read. */
  public Session session(InternalRow row) {
    int count = events(row);
    List<Event> events = new ArrayList<>(count);
    if (count > 0) {
      ArrayData stored = row.getArray(SessionRows.EVENTS);
      RepeatedTexts texts = new RepeatedTexts();
      for (int i = 0; i < count; i++) {
        if (!stored.isNullAt(i)) {
          InternalRow event = stored.getStruct(i, eventColumns);
          if (!event.isNullAt(EventRows.EVENT_ID) && !event.isNullAt(EventRows.EVENT_TIME_MS)) {
            events.add(event(event, 0, texts));
          }
        }
      }
    }
    return new Session(
        text(row, SessionRows.UUID),
        events,
        CloseReason.of(text(row, SessionRows.CLOSE_REASON)),
        text(row, SessionRows.BOUNDARY_RULE));
  }

  private static int events(InternalRow row) {
    return row.isNullAt(SessionRows.EVENTS) ? 0 : row.getArray(SessionRows.EVENTS).numElements();
  }

  /**
   * Whether a row holds no event, or one that cannot be read.
   *
   * @param session read from it
   */
  public static boolean isDamaged(InternalRow row, Session session) {
    return session.events().isEmpty() || session.events().size() < events(row);
  }

  /** Reads a row of {@link KnownRows}, and checks that its columns agree with its events. */
  public Published published(InternalRow row) {
    Session session = session(row);
    boolean damaged = isDamaged(row, session);
    boolean intact =
        !damaged
            && Objects.equals(text(row, SessionRows.SESSION_ID), session.id())
            && holds(row, SessionRows.START_MS, session.startMs())
            && holds(row, SessionRows.END_MS, session.endMs())
            && holds(row, SessionRows.DURATION_SECONDS, session.durationSeconds())
            && holds(row, SessionRows.EVENT_COUNT, session.events().size())
            && holdsPages(row, session.pagesVisited())
            && holds(row, SessionRows.START, Micros.ofMs(session.startMs()))
            && holds(row, SessionRows.END, Micros.ofMs(session.endMs()))
            && (columns == null || columns.areIn(row, session));
    return new Published(
        text(row, SessionRows.SESSION_ID),
        row.isNullAt(SessionRows.START) ? 0 : startMs(row),
        session,
        intact,
        damaged ? damage(row) : null,
        row.isNullAt(KnownRows.FILE)
            ? List.of()
            : List.of(new StoredAt(row.getInt(KnownRows.FILE), row.getLong(KnownRows.POSITION))));
  }

  private static long startMs(InternalRow row) {
    return Micros.toMs(row.getLong(SessionRows.START));
  }

  private static Damage damage(InternalRow row) {
    if (row.isNullAt(SessionRows.START_MS) && row.isNullAt(SessionRows.START)) {
      return new Damage(Long.MAX_VALUE, Long.MIN_VALUE);
    }
    long fromMs =
        row.isNullAt(SessionRows.START_MS) ? startMs(row) : row.getLong(SessionRows.START_MS);
    return new Damage(
        fromMs, row.isNullAt(SessionRows.END_MS) ? fromMs : row.getLong(SessionRows.END_MS));
  }

  private static boolean holds(InternalRow row, int column, long expected) {
    return !row.isNullAt(column) && row.getLong(column) == expected;
  }

  private static boolean holdsPages(InternalRow row, List<String> expected) {
    if (row.isNullAt(SessionRows.PAGES_VISITED)) {
      return false;
    }
    ArrayData pages = row.getArray(SessionRows.PAGES_VISITED);
    if (pages.numElements() != expected.size()) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      if (pages.isNullAt(i)
          || !UTF8String.fromString(expected.get(i)).equals(pages.getUTF8String(i))) {
        return false;
      }
    }
    return true;
  }
}

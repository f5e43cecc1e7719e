package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.text;

import io.sessionize.row.Micros;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Session;
import io.sessionize.session.StoredAt;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeArrayWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.array.ByteArrayMethods;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writes rows of {@link OutcomeRows}, each into the same mutable row, for the reason that {@link
 * DecodedRowWriter} gives. No event becomes a {@code Row} on the way: a session may hold a million.
 */
public final class OutcomeRowWriter {
  private static final int BYTES = 8;
  private static final int[] NOT_OF_A_KEY = {
    SessionRows.START_MS,
    SessionRows.END_MS,
    SessionRows.DURATION_SECONDS,
    SessionRows.PAGES_VISITED,
    SessionRows.START,
    SessionRows.END,
    SessionRows.CLOSE_REASON,
    SessionRows.BOUNDARY_RULE
  };
  private static final long MOST_BYTES = ByteArrayMethods.MAX_ROUNDED_ARRAY_LENGTH;

  private final UnsafeRowWriter row;
  private final UnsafeArrayWriter pages;
  private final UnsafeArrayWriter events;
  private final UnsafeRowWriter event;
  private final UnsafeArrayWriter stored;
  private final UnsafeRowWriter storedAt;
  private final EventWriter eventColumns;
  private final ColumnValues columns;
  private final UnsafeRow noValues;
  private final UnsafeRowJoiner joiner;

  /** Writes rows without session columns. */
  public OutcomeRowWriter(RowSchemas schemas) {
    this(schemas, null);
  }

  /**
   * @param columns session columns of these rows; null if there are none
   */
  OutcomeRowWriter(RowSchemas schemas, ColumnValues columns) {
    row = new UnsafeRowWriter(OutcomeRows.COLUMNS);
    this.columns = columns;
    noValues = columns == null ? null : columns.none();
    joiner = columns == null ? null : joiner(schemas);
    pages = new UnsafeArrayWriter(row, BYTES);
    events = new UnsafeArrayWriter(row, BYTES);
    event = new UnsafeRowWriter(events, schemas.event().length());
    stored = new UnsafeArrayWriter(row, BYTES);
    storedAt = new UnsafeRowWriter(stored, OutcomeRows.STORED.length());
    eventColumns = new EventWriter(event, 0, schemas);
  }

  private static UnsafeRowJoiner joiner(RowSchemas schemas) {
    StructField[] base = Arrays.copyOf(schemas.outcome().fields(), OutcomeRows.COLUMNS);
    return GenerateUnsafeRowJoiner.create(new StructType(base), schemas.columns());
  }

  /** Writes an outcome. A row that is removed, or stays damaged, needs no more than its key. */
  public InternalRow write(Outcome outcome) {
    InternalRow base = writeBase(outcome);
    return columns == null ? base : joined(outcome);
  }

  /** Appends the session columns. The expressions see the row without them. */
  private InternalRow joined(Outcome outcome) {
    UnsafeRow base = row.getRow();
    UnsafeRow values;
    if (holdsKeyOnly(outcome)) {
      values = noValues;
    } else {
      values = columns.of(base, outcome.session());
      base.setInt(OutcomeRows.FAILED_COLUMNS, columns.countFailed());
    }
    if ((long) base.getSizeInBytes() + values.getSizeInBytes() > MOST_BYTES) {
      throw new IllegalArgumentException("a row of more than two gigabytes");
    }
    return joiner.join(base, values);
  }

  private static boolean holdsKeyOnly(Outcome outcome) {
    return outcome.change() == Change.REMOVED || outcome.isDamaged();
  }

  private InternalRow writeBase(Outcome outcome) {
    Session session = outcome.session();
    row.reset();
    row.zeroOutNullBytes();
    text(row, SessionRows.UUID, session.uuid());
    text(row, SessionRows.SESSION_ID, outcome.sessionId());
    if (holdsKeyOnly(outcome)) {
      for (int column : NOT_OF_A_KEY) {
        row.setNullAt(column);
      }
      row.write(SessionRows.EVENT_COUNT, 0L);
      writeEvents(List.of());
    } else {
      row.write(SessionRows.START_MS, session.startMs());
      row.write(SessionRows.END_MS, session.endMs());
      row.write(SessionRows.DURATION_SECONDS, session.durationSeconds());
      row.write(SessionRows.EVENT_COUNT, (long) session.events().size());
      writePages(session.pagesVisited());
      row.write(SessionRows.START, Micros.ofMs(session.startMs()));
      row.write(SessionRows.END, Micros.ofMs(session.endMs()));
      text(row, SessionRows.CLOSE_REASON, session.closeReason().text());
      text(row, SessionRows.BOUNDARY_RULE, session.boundaryRule());
      writeEvents(session.events());
    }
    text(row, OutcomeRows.CHANGE, outcome.change().name());
    if (outcome.stored() == null) {
      row.setNullAt(OutcomeRows.STORED_START);
    } else {
      row.write(OutcomeRows.STORED_START, Micros.ofMs(outcome.stored().startMs()));
    }
    writeStoredAt(outcome.stored() == null ? List.of() : outcome.stored().storedAt());
    row.write(OutcomeRows.IS_OPEN, outcome.open());
    row.write(OutcomeRows.PUBLISHED, outcome.published());
    row.write(OutcomeRows.WAS_STAGED, outcome.wasStaged());
    row.write(OutcomeRows.NEW_EVENTS, outcome.newEvents());
    row.write(OutcomeRows.DAMAGED, outcome.isDamaged());
    row.write(OutcomeRows.REPLACED_EVENTS, outcome.replacedEvents());
    row.write(OutcomeRows.CONFLICTING_COPIES, outcome.conflictingCopies());
    row.write(OutcomeRows.FAILED_COLUMNS, 0);
    return row.getRow();
  }

  private void writePages(List<String> visited) {
    int start = row.cursor();
    pages.initialize(visited.size());
    for (int i = 0; i < visited.size(); i++) {
      pages.write(i, UTF8String.fromString(visited.get(i)));
    }
    row.setOffsetAndSizeFromPreviousCursor(SessionRows.PAGES_VISITED, start);
  }

  private void writeStoredAt(List<StoredAt> all) {
    int start = row.cursor();
    stored.initialize(all.size());
    int i = 0;
    for (StoredAt one : all) {
      int storedStart = stored.cursor();
      storedAt.resetRowWriter();
      storedAt.write(0, one.file());
      storedAt.write(1, one.position());
      stored.setOffsetAndSizeFromPreviousCursor(i++, storedStart);
    }
    row.setOffsetAndSizeFromPreviousCursor(OutcomeRows.STORED_AT, start);
  }

  private void writeEvents(List<Event> all) {
    int start = row.cursor();
    events.initialize(all.size());
    int i = 0;
    for (Event one : all) {
      int eventStart = events.cursor();
      event.resetRowWriter();
      eventColumns.write(one);
      events.setOffsetAndSizeFromPreviousCursor(i++, eventStart);
    }
    row.setOffsetAndSizeFromPreviousCursor(SessionRows.EVENTS, start);
  }
}

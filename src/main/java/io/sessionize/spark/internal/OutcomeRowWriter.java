package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Session;
import java.sql.Timestamp;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeArrayWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeWriter;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writes rows of {@link SessionRows#OUTCOME} in Spark's own form. Each takes the place of the one
 * before, and no event becomes a {@code Row} on the way: a session may hold a million. What Spark
 * generates to do this from a {@code Row} is so long that a cold process spends a second on
 * compiling it and another on what is not compiled yet.
 */
public final class OutcomeRowWriter {
  private static final int BYTES = 8;
  private static final int[] NOT_OF_A_KEY = {2, 3, 4, 6, 7, 8, 9};
  private static final long MICROS_PER_MS = 1_000;

  private final UnsafeRowWriter row = new UnsafeRowWriter(SessionRows.OUTCOME.length());
  private final UnsafeArrayWriter pages = new UnsafeArrayWriter(row, BYTES);
  private final UnsafeArrayWriter events = new UnsafeArrayWriter(row, BYTES);
  private final UnsafeRowWriter event = new UnsafeRowWriter(events, 5);
  private final UnsafeRowWriter details = new UnsafeRowWriter(event, 3);

  /** Writes an outcome. A row that goes, or stays damaged, needs no more than its key. */
  public InternalRow write(Outcome outcome) {
    Session session = outcome.session();
    row.reset();
    row.zeroOutNullBytes();
    text(row, 0, session.uuid());
    text(row, 1, outcome.sessionId());
    if (outcome.change() == Change.DELETE || outcome.isDamaged()) {
      for (int column : NOT_OF_A_KEY) {
        row.setNullAt(column);
      }
      row.write(5, 0L);
      writeEvents(List.of());
    } else {
      row.write(2, session.startMs());
      row.write(3, session.endMs());
      row.write(4, session.durationSeconds());
      row.write(5, (long) session.events().size());
      writePages(session.pagesVisited());
      row.write(7, session.startMs() * MICROS_PER_MS);
      row.write(8, session.endMs() * MICROS_PER_MS);
      text(row, 9, session.closeReason().text());
      writeEvents(session.events());
    }
    text(row, 11, outcome.change().name());
    if (outcome.stored() == null) {
      row.setNullAt(12);
    } else {
      // It was read as a Timestamp, and somebody may have put it in a year of the old calendar.
      row.write(12, DateTimeUtils.fromJavaTimestamp(new Timestamp(outcome.stored().startMs())));
    }
    row.write(13, outcome.open());
    row.write(14, outcome.published());
    row.write(15, outcome.carried());
    row.write(16, outcome.added());
    row.write(17, outcome.isDamaged());
    return row.getRow();
  }

  private void writePages(List<String> visited) {
    int start = row.cursor();
    pages.initialize(visited.size());
    for (int i = 0; i < visited.size(); i++) {
      pages.write(i, UTF8String.fromString(visited.get(i)));
    }
    row.setOffsetAndSizeFromPreviousCursor(6, start);
  }

  private void writeEvents(List<Event> all) {
    int start = row.cursor();
    events.initialize(all.size());
    int i = 0;
    for (Event one : all) {
      int eventStart = events.cursor();
      writeEvent(one);
      events.setOffsetAndSizeFromPreviousCursor(i++, eventStart);
    }
    row.setOffsetAndSizeFromPreviousCursor(10, start);
  }

  private void writeEvent(Event one) {
    event.resetRowWriter();
    text(event, 0, one.id());
    event.write(1, one.timeMs());
    text(event, 2, one.pageName());
    text(event, 3, one.bookingDetails());
    EventDetails values = one.details();
    if (values == null) {
      event.setNullAt(4);
      return;
    }
    int start = event.cursor();
    details.resetRowWriter();
    text(details, 0, values.name());
    text(details, 1, values.type());
    text(details, 2, values.value());
    event.setOffsetAndSizeFromPreviousCursor(4, start);
  }

  private static void text(UnsafeWriter to, int column, String text) {
    if (text == null) {
      to.setNull8Bytes(column);
    } else {
      to.write(column, UTF8String.fromString(text));
    }
  }
}

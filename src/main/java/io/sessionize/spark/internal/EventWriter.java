package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.text;

import io.sessionize.row.EventRows;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;

/** Writes the columns of {@link EventRows#EVENT} into a row. */
final class EventWriter {
  private final UnsafeRowWriter row;
  private final UnsafeRowWriter details;
  private final int first;

  /**
   * @param row to write to
   * @param first position of the first of these columns in the row
   */
  EventWriter(UnsafeRowWriter row, int first) {
    this.row = row;
    this.details = new UnsafeRowWriter(row, EventRows.DETAILS.length());
    this.first = first;
  }

  void write(Event event) {
    text(row, first + EventRows.EVENT_ID, event.id());
    row.write(first + EventRows.EVENT_TIME_MS, event.timeMs());
    text(row, first + EventRows.PAGE_NAME, event.pageName());
    text(row, first + EventRows.BOOKING_DETAILS, event.bookingDetails());
    if (event.order() == null) {
      row.setNullAt(first + EventRows.ORDER);
    } else {
      row.write(first + EventRows.ORDER, event.order());
    }
    row.write(first + EventRows.DEFINITION, event.definition());
    EventDetails values = event.details();
    if (values == null) {
      row.setNullAt(first + EventRows.EVENT_DETAILS);
      return;
    }
    int start = row.cursor();
    details.resetRowWriter();
    text(details, 0, values.name());
    text(details, 1, values.type());
    text(details, 2, values.value());
    row.setOffsetAndSizeFromPreviousCursor(first + EventRows.EVENT_DETAILS, start);
  }
}

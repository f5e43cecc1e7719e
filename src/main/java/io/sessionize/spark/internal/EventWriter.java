package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.text;

import io.sessionize.row.EventRows;
import io.sessionize.row.Micros;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.math.BigDecimal;
import java.time.Instant;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.Decimal;

/** Writes the columns of an event into a row: see {@link EventRows}. */
final class EventWriter {
  private final UnsafeRowWriter row;
  private final UnsafeRowWriter details;
  private final int first;
  private final PropertyType[] types;

  /**
   * @param row to write to
   * @param first position of the first of these columns in the row
   */
  EventWriter(UnsafeRowWriter row, int first, RowSchemas schemas) {
    this.row = row;
    this.details = new UnsafeRowWriter(row, EventRows.DETAILS.length());
    this.first = first;
    this.types = schemas.properties().stream().map(Property::type).toArray(PropertyType[]::new);
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
    write(event.details());
    for (int i = 0; i < types.length; i++) {
      Properties values = event.properties();
      write(first + EventRows.PROPERTIES + i, types[i], values == null ? null : values.get(i));
    }
  }

  private void write(EventDetails values) {
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

  private void write(int column, PropertyType type, Object value) {
    if (value == null) {
      row.setNullAt(column);
      return;
    }
    switch (type.kind()) {
      case STRING -> text(row, column, (String) value);
      case LONG -> row.write(column, (long) value);
      case DOUBLE -> row.write(column, (double) value);
      case BOOLEAN -> row.write(column, (boolean) value);
      case DECIMAL ->
          row.write(
              column,
              Decimal.apply((BigDecimal) value, type.precision(), type.scale()),
              type.precision(),
              type.scale());
      case TIMESTAMP -> row.write(column, Micros.of((Instant) value));
    }
  }
}

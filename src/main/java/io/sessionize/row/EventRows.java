package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.RepeatedTexts;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Columns of an event, and the conversion of a row to an {@link Event}. */
public final class EventRows {
  public static final int EVENT_ID = 0;
  public static final int EVENT_TIME_MS = 1;
  public static final int PAGE_NAME = 2;
  public static final int BOOKING_DETAILS = 3;
  public static final int EVENT_DETAILS = 4;
  public static final int ORDER = 5;
  public static final int DEFINITION = 6;

  public static final StructType DETAILS =
      new StructType()
          .add("event_name", StringType)
          .add("event_type", StringType)
          .add("event_value", StringType);

  /** An element of the column {@code events}. */
  public static final StructType EVENT =
      new StructType()
          .add("event_id", StringType)
          .add("event_time_ms", LongType)
          .add("page_name", StringType)
          .add("booking_details", StringType)
          .add("event_details", DETAILS)
          .add("order", LongType)
          .add("definition", IntegerType);

  private EventRows() {}

  /**
   * Reads an event.
   *
   * @param row with the columns of {@link #EVENT} in sequence
   * @param first position of the first of these columns
   * @param texts cache of repeated texts, for one user
   */
  public static Event event(Row row, int first, RepeatedTexts texts) {
    Row details = row.getStruct(first + EVENT_DETAILS);
    return new Event(
        row.getLong(first + EVENT_TIME_MS),
        row.isNullAt(first + ORDER) ? null : row.getLong(first + ORDER),
        row.getString(first + EVENT_ID),
        row.isNullAt(first + DEFINITION) ? Event.FIRST_DEFINITION : row.getInt(first + DEFINITION),
        texts.once(row.getString(first + PAGE_NAME)),
        texts.once(row.getString(first + BOOKING_DETAILS)),
        details == null
            ? null
            : new EventDetails(
                texts.once(details.getString(0)),
                texts.once(details.getString(1)),
                texts.once(details.getString(2))));
  }
}

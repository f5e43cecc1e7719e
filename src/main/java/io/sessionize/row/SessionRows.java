package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.Published;
import io.sessionize.session.Published.Damage;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Session;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.mutable.WrappedArray;

/** Columns of a session, and the conversion of a row to a {@link Session}. */
public final class SessionRows {
  public static final int UUID = 0;
  public static final int SESSION_ID = 1;
  public static final int START_MS = 2;
  public static final int END_MS = 3;
  public static final int DURATION_SECONDS = 4;
  public static final int EVENT_COUNT = 5;
  public static final int PAGES_VISITED = 6;
  public static final int START = 7;
  public static final int END = 8;
  public static final int CLOSE_REASON = 9;
  public static final int EVENTS = 10;

  /** The columns that the sessions table and the staging table share. */
  public static final StructType SESSION =
      new StructType()
          .add("uuid", StringType)
          .add("session_id", StringType)
          .add("session_start_time_ms", LongType)
          .add("session_end_time_ms", LongType)
          .add("session_duration_seconds", LongType)
          .add("event_count", LongType)
          .add("pages_visited", DataTypes.createArrayType(StringType))
          .add("session_start", TimestampType)
          .add("session_end", TimestampType)
          .add("close_reason", StringType)
          .add("events", DataTypes.createArrayType(EventRows.EVENT));

  /** The columns of the staging table. */
  public static final StructType OPEN = SESSION.add("published", BooleanType);

  private SessionRows() {}

  /** The columns of {@link #SESSION} in their order, and then the given ones. */
  public static Column[] columns(Column... more) {
    return Stream.concat(
            Arrays.stream(SESSION.fieldNames()).map(functions::col), Arrays.stream(more))
        .toArray(Column[]::new);
  }

  /**
   * Selects these columns in their order, whatever the order and the other columns of the table
   * are. A missing column is null.
   */
  public static Dataset<Row> fit(Dataset<Row> stored, StructType columns) {
    StructType found = stored.schema();
    boolean fits =
        Arrays.stream(columns.fields())
            .allMatch(
                column ->
                    found.getFieldIndex(column.name()).isDefined()
                        && isLike(found.apply(column.name()).dataType(), column.dataType()));
    // A plain select does not copy the events; Dataset.to does.
    return fits
        ? stored.select(
            Arrays.stream(columns.fieldNames()).map(functions::col).toArray(Column[]::new))
        : stored.to(columns);
  }

  private static boolean isLike(DataType found, DataType expected) {
    return found.catalogString().equals(expected.catalogString());
  }

  /** Reads a session from its events and close reason. Skips events that cannot be read. */
  public static Session session(Row row) {
    List<Row> rows = row.isNullAt(EVENTS) ? List.of() : row.getList(EVENTS);
    List<Event> events = new ArrayList<>(rows.size());
    RepeatedTexts texts = new RepeatedTexts();
    for (Row event : rows) {
      if (event != null
          && !event.isNullAt(EventRows.EVENT_ID)
          && !event.isNullAt(EventRows.EVENT_TIME_MS)) {
        events.add(EventRows.event(event, 0, texts));
      }
    }
    return new Session(row.getString(UUID), events, CloseReason.of(row.getString(CLOSE_REASON)));
  }

  /**
   * Whether a row holds no event, or one that cannot be read.
   *
   * @param session read from it
   */
  public static boolean isDamaged(Row row, Session session) {
    return session.events().isEmpty() || session.events().size() < row.getList(EVENTS).size();
  }

  /**
   * Clears the events of a row after they were read. Spark keeps a reference to the last row, and a
   * session can have a million events.
   */
  public static void forgetEvents(Row row) {
    WrappedArray<?> events = row.getAs(EVENTS);
    if (events != null) {
      Arrays.fill((Object[]) events.array(), null);
    }
  }

  /** Reads a row of either table, and checks that its columns agree with its events. */
  public static Published published(Row row) {
    Session session = session(row);
    boolean damaged = isDamaged(row, session);
    boolean intact =
        !damaged
            && Objects.equals(row.getString(SESSION_ID), session.id())
            && holds(row, START_MS, session.startMs())
            && holds(row, END_MS, session.endMs())
            && holds(row, DURATION_SECONDS, session.durationSeconds())
            && holds(row, EVENT_COUNT, (long) session.events().size())
            && !row.isNullAt(PAGES_VISITED)
            && row.getList(PAGES_VISITED).equals(session.pagesVisited())
            && holds(row, START, new Timestamp(session.startMs()))
            && holds(row, END, new Timestamp(session.endMs()));
    long startMs = row.isNullAt(START) ? 0 : row.getTimestamp(START).getTime();
    return new Published(
        row.getString(SESSION_ID), startMs, session, intact, damaged ? damage(row) : null);
  }

  private static Damage damage(Row row) {
    if (row.isNullAt(START_MS) && row.isNullAt(START)) {
      return new Damage(Long.MAX_VALUE, Long.MIN_VALUE);
    }
    long fromMs =
        row.isNullAt(START_MS) ? row.getTimestamp(START).getTime() : row.getLong(START_MS);
    return new Damage(fromMs, row.isNullAt(END_MS) ? fromMs : row.getLong(END_MS));
  }

  private static boolean holds(Row row, int column, Object expected) {
    return expected.equals(row.get(column));
  }
}

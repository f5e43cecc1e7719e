package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import io.sessionize.session.CloseReason;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Published;
import io.sessionize.session.Published.Damage;
import io.sessionize.session.RepeatedTexts;
import io.sessionize.session.Session;
import io.sessionize.spark.internal.OutcomeRowWriter;
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

/**
 * Sessions from rows of the tables. Here and in {@link OutcomeRowWriter}, which writes them, the
 * order of the columns is known.
 */
public final class SessionRows {
  private static final StructType DETAILS =
      new StructType()
          .add("event_name", StringType)
          .add("event_type", StringType)
          .add("event_value", StringType);

  private static final StructType EVENT =
      new StructType()
          .add("event_id", StringType)
          .add("event_time_ms", LongType)
          .add("page_name", StringType)
          .add("booking_details", StringType)
          .add("event_details", DETAILS);

  private static final int EVENTS = 10;

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
          .add("events", DataTypes.createArrayType(EVENT));

  /** The columns of the staging table. */
  public static final StructType OPEN = SESSION.add("published", BooleanType);

  /**
   * What a batch makes: the session, and beside it what becomes of it. {@code stored_start} is the
   * day under which the row that changes lies now. Of a row that goes, and of a damaged one that
   * stays as it is, only the key is told.
   */
  public static final StructType OUTCOME =
      SESSION
          .add("change", StringType)
          .add("stored_start", TimestampType)
          .add("is_open", BooleanType)
          .add("published", BooleanType)
          .add("carried", BooleanType)
          .add("added", IntegerType)
          .add("damaged", BooleanType);

  private SessionRows() {}

  /**
   * Of outcomes, the sessions that are open now; damaged rows that stay in staging are not here.
   */
  public static Dataset<Row> open(Dataset<Row> outcomes) {
    return outcomes.where("is_open AND NOT damaged").select(columns(functions.col("published")));
  }

  /** The columns of {@link #SESSION} in their order, and more. */
  public static Column[] columns(Column... more) {
    return Stream.concat(
            Arrays.stream(SESSION.fieldNames()).map(functions::col), Arrays.stream(more))
        .toArray(Column[]::new);
  }

  /**
   * Rows with these columns alone, in their order, whatever else a table has and wherever it has
   * them; null where it lacks one.
   */
  public static Dataset<Row> fit(Dataset<Row> stored, StructType columns) {
    StructType found = stored.schema();
    boolean fits =
        Arrays.stream(columns.fields())
            .allMatch(
                column ->
                    found.getFieldIndex(column.name()).isDefined()
                        && isLike(found.apply(column.name()).dataType(), column.dataType()));
    // Where all is well, no event has to be copied for it.
    return fits
        ? stored.select(
            Arrays.stream(columns.fieldNames()).map(functions::col).toArray(Column[]::new))
        : stored.to(columns);
  }

  private static boolean isLike(DataType found, DataType expected) {
    return found.catalogString().equals(expected.catalogString());
  }

  /** Reads an open session: its events say everything. Those that cannot be read are left out. */
  public static Session session(Row row) {
    List<Row> rows = row.isNullAt(EVENTS) ? List.of() : row.getList(EVENTS);
    List<Event> events = new ArrayList<>(rows.size());
    RepeatedTexts texts = new RepeatedTexts();
    for (Row event : rows) {
      if (event != null && !event.isNullAt(0) && !event.isNullAt(1)) {
        events.add(event(event, texts));
      }
    }
    return new Session(row.getString(0), events, CloseReason.of(row.getString(9)));
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
   * Lets go of a row's events, which have been read. Spark holds on to the last row that it has
   * made, and a session may hold a million events.
   */
  public static void forgetEvents(Row row) {
    WrappedArray<?> events = row.getAs(EVENTS);
    if (events != null) {
      Arrays.fill((Object[]) events.array(), null);
    }
  }

  /** Reads a row of either table, and whether its columns are what its events say. */
  public static Published published(Row row) {
    Session session = session(row);
    boolean damaged = isDamaged(row, session);
    boolean intact =
        !damaged
            && Objects.equals(row.getString(1), session.id())
            && holds(row, 2, session.startMs())
            && holds(row, 3, session.endMs())
            && holds(row, 4, session.durationSeconds())
            && holds(row, 5, (long) session.events().size())
            && !row.isNullAt(6)
            && row.getList(6).equals(session.pagesVisited())
            && holds(row, 7, new Timestamp(session.startMs()))
            && holds(row, 8, new Timestamp(session.endMs()));
    long startMs = row.isNullAt(7) ? 0 : row.getTimestamp(7).getTime();
    return new Published(row.getString(1), startMs, session, intact, damaged ? damage(row) : null);
  }

  private static Damage damage(Row row) {
    if (row.isNullAt(2) && row.isNullAt(7)) {
      return new Damage(Long.MAX_VALUE, Long.MIN_VALUE);
    }
    long fromMs = row.isNullAt(2) ? row.getTimestamp(7).getTime() : row.getLong(2);
    return new Damage(fromMs, row.isNullAt(3) ? fromMs : row.getLong(3));
  }

  private static boolean holds(Row row, int column, Object expected) {
    return expected.equals(row.get(column));
  }

  private static Event event(Row row, RepeatedTexts texts) {
    Row details = row.getStruct(4);
    return new Event(
        row.getLong(1),
        row.getString(0),
        texts.once(row.getString(2)),
        texts.once(row.getString(3)),
        details == null
            ? null
            : new EventDetails(
                texts.once(details.getString(0)),
                texts.once(details.getString(1)),
                texts.once(details.getString(2))));
  }
}

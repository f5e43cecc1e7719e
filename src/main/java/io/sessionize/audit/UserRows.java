package io.sessionize.audit;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import io.sessionize.table.SessionReader;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the newest sessions of one user. The id is compared with the statistics of files and row
 * groups, so only those that may hold the user are read. The driver gets a limited number of
 * events, however many the user has and whatever a damaged row holds.
 */
final class UserRows {
  private static final String START = "session_start_time_ms";
  private static final StructType SHARE =
      new StructType().add("session_id", DataTypes.StringType).add("most", DataTypes.IntegerType);

  private final Dataset<Row> rows;
  private final LocalDate from;
  private final LocalDate to;
  private final int limit;

  /** Without its events; {@code events} is the stored count. */
  record Key(
      String id,
      boolean isOpen,
      long startMs,
      long endMs,
      long events,
      String reason,
      String rule) {}

  /**
   * The last events of a session, as stored.
   *
   * @param notShown how many earlier ones are beyond the limit
   * @param columns the session columns with a value, as a JSON object; null if there are none
   */
  record Stored(Key key, boolean isPublished, List<Row> events, long notShown, String columns) {}

  /**
   * The newest sessions of the range, the oldest first.
   *
   * @param count of all sessions of the range
   * @param events of all sessions of the range
   * @param previousMs end of the last session before {@code sessions}; null if there is none
   * @param nextMs start of the first session after the range; null if there is none
   */
  record Newest(List<Stored> sessions, long count, long events, Long previousMs, Long nextMs) {}

  /** A session, and how many of its events may be read. */
  private record Share(Key key, int most) {}

  /**
   * @param from first UTC day of session starts, or null
   * @param to last UTC day of session starts, or null
   * @param limit the greatest number of events
   */
  UserRows(SessionReader reader, String user, LocalDate from, LocalDate to, int limit) {
    this.rows = reader.ofUser(user);
    this.from = from;
    this.to = to;
    this.limit = limit;
  }

  /** Reads them. Runs Spark jobs. */
  Newest read() {
    Dataset<Row> inRange = rows.where(onDays());
    Set<String> published = new HashSet<>();
    List<Share> newest = new ArrayList<>();
    long left = limit;
    long events = 0;
    long sessions = 0;
    // An open session that is published is in both tables.
    List<Row> keys = newestKeys(inRange, 2L * limit + 2);
    for (Row row : keys) {
      if (row.getBoolean(1) && row.getBoolean(2)) {
        published.add(row.getString(0));
      } else {
        // A damaged row may hold other events than it counts.
        int most = (int) Math.min(left, Math.max(1, row.getLong(5)));
        if (most > 0) {
          newest.add(new Share(key(row), most));
          left -= most;
        }
        events += row.getLong(5);
        sessions++;
      }
    }
    if (keys.size() == 2 * limit + 2) {
      Row all =
          inRange
              .where("NOT (is_open AND published)")
              .agg(count(lit(1)), sum(coalesce(col("event_count"), lit(0L))))
              .head();
      sessions = all.getLong(0);
      events = all.getLong(1);
    }
    Collections.reverse(newest);
    List<Stored> stored = stored(inRange, newest, published);
    return new Newest(stored, sessions, events, previous(stored), next());
  }

  private static List<Row> newestKeys(Dataset<Row> rows, long most) {
    return rows.select(
            col("session_id"),
            col("is_open"),
            col("published"),
            col(START),
            col("session_end_time_ms"),
            coalesce(col("event_count"), lit(0L)),
            col("close_reason"),
            col("boundary_rule"))
        .where(col(START).isNotNull().and(col("session_end_time_ms").isNotNull()))
        .orderBy(col(START).desc(), col("session_id").desc())
        .limit((int) most)
        .collectAsList();
  }

  private static Key key(Row row) {
    return new Key(
        row.getString(0),
        row.getBoolean(1),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getString(6),
        row.getString(7));
  }

  /** Adds the last events of each session. */
  private static List<Stored> stored(
      Dataset<Row> inRange, List<Share> shares, Set<String> published) {
    if (shares.isEmpty()) {
      return List.of();
    }
    List<Row> mosts =
        shares.stream().map(share -> RowFactory.create(share.key().id(), share.most())).toList();
    Map<String, List<Row>> found = new HashMap<>();
    Map<String, String> columns = new HashMap<>();
    for (Row row :
        inRange
            .where(col(START).geq(shares.get(0).key().startMs()))
            .where("NOT (is_open AND published)")
            .join(broadcast(inRange.sparkSession().createDataFrame(mosts, SHARE)), "session_id")
            .select(
                col("session_id"),
                expr("slice(events, greatest(1, size(events) - most + 1), most)").as("events"),
                col("columns"))
            .collectAsList()) {
      found.put(row.getString(0), row.isNullAt(1) ? List.of() : row.getList(1));
      columns.put(row.getString(0), row.getString(2));
    }
    return shares.stream()
        .map(
            share ->
                new Stored(
                    share.key(),
                    published.contains(share.key().id()),
                    found.getOrDefault(share.key().id(), List.of()),
                    Math.max(0, share.key().events() - share.most()),
                    columns.get(share.key().id())))
        .toList();
  }

  private Long previous(List<Stored> stored) {
    if (stored.isEmpty()) {
      return null;
    }
    Row last =
        rows.where("NOT (is_open AND published)")
            .where(col(START).lt(stored.get(0).key().startMs()))
            .agg(max("session_end_time_ms"))
            .head();
    return last.isNullAt(0) ? null : last.getLong(0);
  }

  private Long next() {
    if (to == null) {
      return null;
    }
    Row first =
        rows.where(col("session_start").geq(timestamp(to.plusDays(1)))).agg(min(START)).head();
    return first.isNullAt(0) ? null : first.getLong(0);
  }

  private Column onDays() {
    Column after = from == null ? lit(true) : col("session_start").geq(timestamp(from));
    return to == null ? after : after.and(col("session_start").lt(timestamp(to.plusDays(1))));
  }

  private static Column timestamp(LocalDate day) {
    return lit(java.sql.Timestamp.from(day.atStartOfDay(ZoneOffset.UTC).toInstant()));
  }
}

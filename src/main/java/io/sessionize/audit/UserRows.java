package io.sessionize.audit;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
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

/**
 * Reads the newest sessions of one user. The id is compared with the statistics of files and row
 * groups, so only those that may hold the user are read. The driver gets a limited number of
 * events, however many the user has.
 */
final class UserRows {
  private static final String START = "session_start_time_ms";

  private final Dataset<Row> rows;
  private final LocalDate from;
  private final LocalDate to;
  private final int limit;

  /** Without its events; {@code events} is the stored count. */
  record Key(String id, boolean isOpen, long startMs, long endMs, long events, String reason) {}

  /** The last events of a session: {@code event_id, event_time_ms, page_name, event_name}. */
  record Stored(Key key, boolean isPublished, List<Row> events) {}

  /**
   * The newest sessions of the range, the oldest first.
   *
   * @param count of all sessions of the range
   * @param events of all sessions of the range
   * @param nextMs start of the first session after the range; null if there is none
   */
  record Newest(List<Stored> sessions, long count, long events, Long nextMs) {}

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
    List<Key> newest = new ArrayList<>();
    long events = 0;
    long sessions = 0;
    // An open session that is published is in both tables.
    List<Row> keys = newestKeys(inRange, 2L * limit + 2);
    for (Row row : keys) {
      if (row.getBoolean(1) && row.getBoolean(2)) {
        published.add(row.getString(0));
      } else {
        if (events < limit) {
          newest.add(key(row));
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
    return new Newest(stored(inRange, newest, published), sessions, events, next());
  }

  private static List<Row> newestKeys(Dataset<Row> rows, long most) {
    return rows.select(
            col("session_id"),
            col("is_open"),
            col("published"),
            col(START),
            col("session_end_time_ms"),
            coalesce(col("event_count"), lit(0L)),
            col("close_reason"))
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
        row.getString(6));
  }

  /** Adds the events, the newest ones up to the limit. */
  private List<Stored> stored(Dataset<Row> inRange, List<Key> keys, Set<String> published) {
    if (keys.isEmpty()) {
      return List.of();
    }
    String last =
        String.format("slice(events, greatest(1, size(events) - %d), %d)", limit - 1, limit);
    Map<String, List<Row>> found = new HashMap<>();
    for (Row row :
        inRange
            .where(col(START).geq(keys.get(0).startMs()))
            .where("NOT (is_open AND published)")
            .select(col("session_id"), expr(last).as("events"))
            .collectAsList()) {
      found.put(row.getString(0), row.isNullAt(1) ? List.of() : row.getList(1));
    }
    List<Stored> stored = new ArrayList<>();
    int left = limit;
    for (int i = keys.size() - 1; i >= 0; i--) {
      Key key = keys.get(i);
      List<Row> events = found.getOrDefault(key.id(), List.of());
      int first = Math.max(0, events.size() - left);
      left -= events.size() - first;
      stored.add(
          new Stored(
              key,
              published.contains(key.id()),
              List.copyOf(events.subList(first, events.size()))));
    }
    Collections.reverse(stored);
    return stored;
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

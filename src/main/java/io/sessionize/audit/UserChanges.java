package io.sessionize.audit;

import static io.sessionize.history.ChangedRows.IS_AFTER;
import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.xxhash64;

import io.sessionize.audit.Explanation.RowChange;
import io.sessionize.history.ChangedRows;
import io.sessionize.history.ChangedRows.Step;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The kept commits of the sessions table that changed the rows of one user, and which of them
 * published each event first. Reads the manifests of every kept commit, and the changed files of
 * the days around the given times.
 */
final class UserChanges {
  private final List<Commit> causes = new ArrayList<>();
  private final Map<String, Map<Integer, String>> changes = new HashMap<>();
  private final Map<EventId, Integer> published = new HashMap<>();
  private final boolean hasExpired;

  /** The identity of an event of one user. */
  record EventId(String id, long timeMs) {
    /**
     * Reads a struct with the fields {@code event_id, event_time_ms}, whatever its other fields.
     */
    static EventId of(Row event) {
      return new EventId(event.getAs("event_id"), event.getAs("event_time_ms"));
    }
  }

  /** The rows of one session before and after a commit, as hashes of their columns. */
  private static final class Version {
    private Long before;
    private Long after;
  }

  /**
   * Reads the changes. Runs a Spark job.
   *
   * @param fromMs time of the first event to look for
   * @param toMs time of the last event to look for
   */
  UserChanges(
      SparkSession spark,
      SessionTables tables,
      History history,
      String user,
      long fromMs,
      long toMs) {
    hasExpired = history.hasExpired();
    List<Step> steps = new ArrayList<>();
    for (Commit commit : history.commits()) {
      if (steps.isEmpty() || !commit.movesOnly()) {
        // The first kept commit has no parent to compare with: it is the first one, or that
        // expired.
        steps.add(new Step(steps.isEmpty() ? null : commit.parent().orElse(null), commit.id()));
        causes.add(commit);
      }
    }
    long aroundMs = SessionHistory.neighbourhood(history).toMillis();
    try (ChangedRows rows = new ChangedRows(spark, tables)) {
      rows.ofUser(steps, user, fromMs - aroundMs, toMs + aroundMs)
          .select(
              col(STEP),
              col(IS_AFTER),
              col("session_id"),
              xxhash64(hashed(tables)),
              expr(eventsBetween(fromMs, toMs)))
          .collectAsList()
          .forEach(new Reader()::add);
    }
  }

  private static Column[] hashed(SessionTables tables) {
    return Stream.concat(
            Stream.of(
                "session_end_time_ms", "event_count", "close_reason", "boundary_rule", "events"),
            Arrays.stream(tables.allSchemas().columns().fieldNames()))
        .map(functions::col)
        .toArray(Column[]::new);
  }

  /** The ids and times of the events of a row within a time: an expression. */
  static String eventsBetween(long fromMs, long toMs) {
    // Not %d: SQL does not know the digits of other locales.
    return String.format(
        "transform(filter(events, e -> e.event_time_ms BETWEEN %s AND %s),"
            + " e -> named_struct('event_id', e.event_id, 'event_time_ms', e.event_time_ms))",
        fromMs, toMs);
  }

  private final class Reader {
    private final Map<String, Map<Integer, Version>> versions = new HashMap<>();

    void add(Row row) {
      int step = row.getInt(0);
      boolean isAfter = row.getBoolean(1);
      String id = row.getString(2);
      Version version =
          versions
              .computeIfAbsent(id, key -> new TreeMap<>())
              .computeIfAbsent(step, key -> new Version());
      if (isAfter) {
        version.after = row.getLong(3);
      } else {
        version.before = row.getLong(3);
      }
      String change =
          Objects.equals(version.before, version.after)
              ? null
              : version.before == null
                  ? SessionChanges.ADDED
                  : version.after == null ? SessionChanges.REMOVED : SessionChanges.CHANGED;
      changes.computeIfAbsent(id, key -> new TreeMap<>()).put(step, change);
      if (isAfter && !row.isNullAt(4)) {
        row.<Row>getList(4).forEach(event -> published.merge(EventId.of(event), step, Math::min));
      }
    }
  }

  /** The changes of the row of a session, the oldest first. */
  List<RowChange> of(String sessionId) {
    List<RowChange> of = new ArrayList<>();
    changes
        .getOrDefault(sessionId, Map.of())
        .forEach(
            (step, change) -> {
              if (change != null && !isBeforeHistory(step)) {
                of.add(new RowChange(change, causes.get(step)));
              }
            });
    return of;
  }

  /** The events that the sessions table had before the oldest kept commit. */
  Set<EventId> beforeHistory() {
    Set<EventId> before = new HashSet<>();
    published.forEach(
        (event, step) -> {
          if (isBeforeHistory(step)) {
            before.add(event);
          }
        });
    return before;
  }

  /** The commit that first published an event; empty if there is none, or if it has expired. */
  Optional<Commit> publishing(EventId event) {
    return Optional.ofNullable(published.get(event))
        .filter(step -> !isBeforeHistory(step))
        .map(causes::get);
  }

  private boolean isBeforeHistory(int step) {
    return hasExpired && step == 0;
  }
}

package io.sessionize.report;

import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Table;

/** Creates tables with the sessions of given lines. */
public final class TestSessions {
  static final Instant RUN_WATERMARK = Instant.parse("2026-03-02T08:00:00Z");

  private TestSessions() {}

  /** Creates tables without a session. */
  public static TableNames none() {
    TableNames names = TestSpark.uniqueNames();
    new SessionTables(TestSpark.session(), names)
        .create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
    return names;
  }

  /**
   * Creates tables with closed sessions.
   *
   * @param lines {@code user|2026-03-02T08:00|home|search}: one event per minute; {@code -} is an
   *     event without a page
   */
  public static TableNames of(String... lines) {
    TableNames names = none();
    TestSpark.session()
        .sql(
            String.format(
                """
                INSERT INTO %s
                SELECT uuid, concat(uuid, '_session_', start_ms), start_ms, end_ms,
                  (end_ms - start_ms) DIV 1000, CAST(size(events) AS BIGINT),
                  array_distinct(filter(events.page_name, p -> p IS NOT NULL)),
                  timestamp_millis(start_ms), timestamp_millis(end_ms), 'inactivity', NULL, events
                FROM (
                  SELECT uuid, start_ms, start_ms + 60000 * (size(pages) - 1) AS end_ms,
                    transform(pages, (p, i) -> named_struct(
                      'event_id', concat('e', i), 'event_time_ms', start_ms + 60000 * i,
                      'page_name', nullif(p, '-'), 'booking_details', CAST(NULL AS STRING),
                      'event_details', named_struct(
                        'event_name', 'view', 'event_type', 'user-action', 'event_value', p),
                      'order', CAST(NULL AS BIGINT), 'definition', 1)) AS events
                  FROM VALUES %s AS t (uuid, start_ms, pages)
                )
                """,
                names.sessions(),
                Arrays.stream(lines).map(TestSessions::values).collect(Collectors.joining(", "))));
    return names;
  }

  /** Commits a run that has read this many records, and has left out two events. */
  public static void addRun(TableNames names, String run, long records) {
    commit(names, summary(run, records));
  }

  /** Commits a summary to the sessions table, without rows. */
  static void commit(TableNames names, Map<String, String> summary) {
    Table table = new SessionTables(TestSpark.session(), names).sessionsTable();
    AppendFiles nothing = table.newAppend();
    summary.forEach(nothing::set);
    nothing.commit();
  }

  /** Returns the summary of a batch that has read this many records. */
  static Map<String, String> summary(String run, long records) {
    Map<String, Long> counts =
        Map.of(
            "records", records,
            "sessions_changed", 3L,
            "sessions_removed", 1L,
            "filtered", 2L,
            "failed_columns", 4L,
            "milliseconds_to_restate", 1500L);
    return new RunSummary(
            new Origin("test", Optional.of(run), records, Work.RUN),
            Optional.of(new Settings(0, 0, Optional.empty(), "hash")),
            Optional.empty(),
            Optional.of(RUN_WATERMARK.toEpochMilli()),
            Rules.DEFAULT.text(),
            Optional.of(1L),
            Optional.empty(),
            counts,
            Optional.empty())
        .toProperties();
  }

  /** Creates tables with one session of so many distinct pages, ten a second. */
  public static TableNames crawler(int pages) {
    TableNames names = of("crawler|2026-03-01T08:00|page");
    TestSpark.session()
        .sql(
            String.format(
                """
                INSERT OVERWRITE %s
                SELECT uuid, session_id, start_ms, start_ms + 100L * (n - 1), (100L * (n - 1)) DIV 1000, CAST(n AS BIGINT),
                  events.page_name, timestamp_millis(start_ms), timestamp_millis(start_ms + 100L * (n - 1)), 'inactivity', NULL, events
                FROM (
                  SELECT uuid, session_id, session_start_time_ms AS start_ms, %d AS n,
                    transform(sequence(0, %d - 1), i -> named_struct(
                      'event_id', concat('e', i), 'event_time_ms', session_start_time_ms + 100L * i,
                      'page_name', concat('page-', i), 'booking_details', CAST(NULL AS STRING),
                      'event_details', events[0].event_details,
                      'order', CAST(NULL AS BIGINT), 'definition', 1)) AS events
                  FROM %s
                )
                """,
                names.sessions(), pages, pages, names.sessions()));
    return names;
  }

  private static String values(String line) {
    List<String> words = Arrays.asList(line.split("\\|"));
    long startMs = LocalDateTime.parse(words.get(1)).toInstant(ZoneOffset.UTC).toEpochMilli();
    String pages =
        words.stream().skip(2).map(TestSessions::quoted).collect(Collectors.joining(", "));
    return String.format("(%s, %dL, array(%s))", quoted(words.get(0)), startMs, pages);
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}

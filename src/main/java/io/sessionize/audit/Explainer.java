package io.sessionize.audit;

import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.audit.Explanation.State;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.audit.UserChanges.EventId;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.row.EventRows;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads an {@link Explanation}. */
public final class Explainer {
  private static final int MOST_REJECTED = 100;

  private final SparkSession spark;
  private final SessionTables tables;

  public Explainer(SparkSession spark, SessionTables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  /**
   * Explains the sessions of a user. Runs Spark jobs.
   *
   * @param from first UTC day of session starts, or null
   * @param to last UTC day of session starts, or null
   * @param limit the greatest number of events
   */
  public Explanation explain(String user, LocalDate from, LocalDate to, int limit) {
    Base base = tables.base();
    History history = new History(tables);
    Rules rules = Rules.parse(base.open().rules());
    UserRows.Newest newest = new UserRows(tables.reader(base), user, from, to, limit).read();
    List<RejectedRecord> rejected =
        UserRejections.of(tables.rejected(), user, history, MOST_REJECTED + 1);
    boolean hasMore = rejected.size() > MOST_REJECTED;
    List<RejectedRecord> shown = hasMore ? rejected.subList(1, rejected.size()) : rejected;
    List<UserSession> sessions = new Sessions(rules, newest).of(user, history);
    long watermarkMs = base.watermark().publishedMs();
    return new Explanation(
        user,
        rules,
        watermarkMs == Watermark.NONE ? null : Instant.ofEpochMilli(watermarkMs),
        base.setAside().contains(user),
        base.outOfSync(),
        newest.count(),
        newest.events(),
        sessions,
        List.copyOf(shown),
        hasMore,
        Batches.of(sessions, shown));
  }

  /** Returns the offsets that a batch read, as {@link RunLog} shows them. */
  public static String offsets(Progress read) {
    return Causes.offsets(read.from(), read.to());
  }

  /** Puts the sessions together. */
  private final class Sessions {
    private final Rules rules;
    private final UserRows.Newest newest;

    Sessions(Rules rules, UserRows.Newest newest) {
      this.rules = rules;
      this.newest = newest;
    }

    List<UserSession> of(String user, History history) {
      List<UserRows.Stored> stored = newest.sessions();
      List<EventId> ids =
          stored.stream().flatMap(session -> events(session).stream()).map(EventId::of).toList();
      if (stored.isEmpty()) {
        return List.of();
      }
      // Damaged rows have no events.
      long startMs = stored.get(0).key().startMs();
      long fromMs = ids.stream().mapToLong(EventId::timeMs).min().orElse(startMs);
      long toMs = ids.stream().mapToLong(EventId::timeMs).max().orElse(startMs);
      UserChanges changes = new UserChanges(spark, tables, history, user, fromMs, toMs);
      Map<EventId, Commit> arrivals =
          new Arrivals(spark, tables, history, user, fromMs, toMs, Arrivals.MOST_SNAPSHOTS)
              .of(ids, changes);
      List<UserSession> sessions = new ArrayList<>();
      Long lastMs = stored.get(0).notShown() > 0 ? null : newest.previousMs();
      for (int i = 0; i < stored.size(); i++) {
        UserRows.Stored session = stored.get(i);
        UserRows.Key key = session.key();
        List<UserEvent> events = new ArrayList<>();
        for (Row event : events(session)) {
          UserEvent shown = event(event, lastMs, arrivals.get(EventId.of(event)));
          events.add(shown);
          lastMs = shown.timeMs();
        }
        Long nextMs =
            i + 1 < stored.size()
                ? Long.valueOf(stored.get(i + 1).key().startMs())
                : newest.nextMs();
        sessions.add(
            new UserSession(
                key.id(),
                state(session),
                key.startMs(),
                key.endMs(),
                key.events(),
                key.reason(),
                events,
                session.notShown(),
                session.columns(),
                changes.of(key.id()),
                Cut.of(rules, key.startMs(), key.endMs(), lastPages(events), nextMs, key.rule())));
      }
      return sessions;
    }

    private static List<Row> events(UserRows.Stored session) {
      return session.events().stream()
          .filter(event -> event != null && event.getAs("event_time_ms") != null)
          .toList();
    }

    private static State state(UserRows.Stored session) {
      return session.isPublished()
          ? State.OPEN_AND_PUBLISHED
          : session.key().isOpen() ? State.OPEN : State.CLOSED;
    }

    private static UserEvent event(Row event, Long lastMs, Commit readBy) {
      long timeMs = event.<Long>getAs("event_time_ms");
      Row details = event.getAs("event_details");
      return new UserEvent(
          timeMs,
          event.getAs("event_id"),
          event.getAs("page_name"),
          details == null ? null : details.getAs("event_name"),
          properties(event),
          lastMs == null ? null : Long.valueOf(timeMs - lastMs),
          readBy,
          isLate(timeMs, readBy));
    }

    private static Map<String, Object> properties(Row event) {
      Map<String, Object> properties = new LinkedHashMap<>();
      for (int i = EventRows.PROPERTIES; i < event.length(); i++) {
        if (!event.isNullAt(i)) {
          properties.put(event.schema().fieldNames()[i], event.get(i));
        }
      }
      return properties;
    }

    /** Whether the event was earlier than the watermark that was published when a run read it. */
    private static Boolean isLate(long timeMs, Commit readBy) {
      RunSummary run = readBy == null ? null : readBy.summary().orElse(null);
      return run == null || run.work().command() != Work.Command.RUN
          ? null
          : Boolean.valueOf(run.watermarkBeforeMs().filter(before -> timeMs < before).isPresent());
    }

    private static Collection<String> lastPages(List<UserEvent> events) {
      List<String> pages = new ArrayList<>();
      events.stream()
          .filter(event -> event.timeMs() == events.get(events.size() - 1).timeMs())
          .forEach(event -> pages.add(event.pageName()));
      return pages;
    }
  }
}

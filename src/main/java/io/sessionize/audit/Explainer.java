package io.sessionize.audit;

import io.sessionize.Failure;
import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.audit.Explanation.RowChange;
import io.sessionize.audit.Explanation.State;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.audit.UserChanges.EventId;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
   * @throws Failure of usage, if there is neither a session nor a rejected record of the user
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
    List<UserSession> sessions =
        new Sessions(rules, newest.nextMs()).of(newest.sessions(), user, history);
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
        batches(sessions, shown));
  }

  /** The commits that are named, the oldest first. Two commits of one batch count once. */
  private static List<Commit> batches(List<UserSession> sessions, List<RejectedRecord> rejected) {
    Stream<Commit> ofSessions =
        sessions.stream()
            .flatMap(
                session ->
                    Stream.concat(
                        session.changes().stream().map(RowChange::by),
                        session.events().stream().map(UserEvent::readBy)));
    Map<Object, Commit> batches = new LinkedHashMap<>();
    Stream.concat(ofSessions, rejected.stream().map(RejectedRecord::readBy))
        .filter(commit -> commit != null)
        .sorted(Comparator.comparing(Commit::at))
        .forEach(commit -> batches.putIfAbsent(batch(commit), commit));
    return List.copyOf(batches.values());
  }

  /** Identifies the batch of a commit: both tables have a commit of it. */
  public static Object batch(Commit commit) {
    return commit
        .summary()
        .filter(summary -> summary.run().isPresent())
        .<Object>map(summary -> List.of(summary.run().get(), summary.origin().batch()))
        .orElse(commit.id());
  }

  /** Returns the offsets that a batch read, as {@link RunLog} shows them. */
  public static String offsets(Progress read) {
    return Causes.offsets(read.from(), read.to());
  }

  /** Puts the sessions together. */
  private final class Sessions {
    private final Rules rules;
    private final Long afterRangeMs;

    Sessions(Rules rules, Long afterRangeMs) {
      this.rules = rules;
      this.afterRangeMs = afterRangeMs;
    }

    List<UserSession> of(List<UserRows.Stored> stored, String user, History history) {
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
          new Arrivals(spark, tables, history, user, fromMs, toMs).of(ids, changes);
      List<UserSession> sessions = new ArrayList<>();
      Long lastMs = null;
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
            i + 1 < stored.size() ? Long.valueOf(stored.get(i + 1).key().startMs()) : afterRangeMs;
        sessions.add(
            new UserSession(
                key.id(),
                state(session),
                key.startMs(),
                key.endMs(),
                key.events(),
                key.reason(),
                events,
                changes.of(key.id()),
                Cut.of(rules, key.startMs(), key.endMs(), lastPages(events), nextMs)));
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
          lastMs == null ? null : Long.valueOf(timeMs - lastMs),
          readBy,
          isLate(timeMs, readBy));
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

package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Outcome.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The two tables and the batch step around the core, as dictionaries that can crash. */
final class InMemoryTables {
  /** Where a batch ends before its time. */
  enum Crash {
    NEVER,
    BEFORE_SESSIONS,
    BETWEEN_THE_TABLES
  }

  private static final Duration DELAY = Duration.ofMillis(10);

  /** When every record was sent: long after the last event. */
  private static final long NOW = 1_000_000;

  private final Rules rules;
  private final TreeMap<String, Session> sessions = new TreeMap<>();
  private long sessionsMark = Watermark.NONE;
  private int snapshot;

  private TreeMap<String, Session> open = new TreeMap<>();
  private TreeSet<String> openPublished = new TreeSet<>();
  private Watermark watermark = Watermark.START;
  private int belongsTo;
  private int offset;

  InMemoryTables(Rules rules) {
    this.rules = rules;
  }

  int offset() {
    return offset;
  }

  void rewind(int to) {
    offset = to;
  }

  void run(Map<Integer, List<Click>> batch, int to, Crash crash) {
    Map<Integer, Long> greatest = new HashMap<>();
    batch.forEach(
        (partition, clicks) ->
            clicks.forEach(click -> greatest.merge(partition, click.event().timeMs(), Math::max)));
    Watermark base = watermark.atLeast(sessionsMark);
    step(batch, base, base.afterEvents(greatest, NOW, DELAY, NOW), to, crash);
  }

  void silence(long ms, Crash crash) {
    Watermark base = watermark.atLeast(sessionsMark);
    step(Map.of(), base, base.afterSilence(DELAY, NOW + ms), offset, crash);
  }

  void backfill(Map<Integer, List<Click>> batch, Crash crash) {
    Watermark base = watermark.atLeast(sessionsMark);
    step(batch, base, base, offset, crash);
  }

  private void step(
      Map<Integer, List<Click>> batch, Watermark base, Watermark next, int to, Crash crash) {
    if (crash == Crash.BEFORE_SESSIONS) {
      return;
    }
    Map<String, List<Event>> fresh = new TreeMap<>();
    Map<String, Long> concern = new HashMap<>();
    batch
        .values()
        .forEach(
            clicks ->
                clicks.forEach(
                    click -> {
                      fresh
                          .computeIfAbsent(click.uuid(), u -> new ArrayList<>())
                          .add(click.event());
                      if (click.event().timeMs() < base.publishedMs()) {
                        concern.merge(click.uuid(), click.event().timeMs(), Math::min);
                      }
                    }));
    Map<String, List<Session>> carried = new TreeMap<>();
    for (Session session : open.values()) {
      carried.computeIfAbsent(session.uuid(), u -> new ArrayList<>()).add(session);
      if (openPublished.contains(session.id()) || snapshot != belongsTo) {
        concern.merge(session.uuid(), session.startMs(), Math::min);
      }
    }
    Map<String, List<Published>> loaded = new TreeMap<>();
    for (Session session : sessions.values()) {
      Long from = concern.get(session.uuid());
      if (from != null && session.endMs() >= from - rules.timeoutMs()) {
        loaded
            .computeIfAbsent(session.uuid(), u -> new ArrayList<>())
            .add(new Published(session.id(), session.startMs(), session, true));
      }
    }
    TreeSet<String> users = new TreeSet<>(fresh.keySet());
    users.addAll(carried.keySet());
    Restatement restatement = new Restatement(rules, next.publishedMs());
    TreeMap<String, Session> nextOpen = new TreeMap<>();
    TreeSet<String> nextPublished = new TreeSet<>();
    for (String user : users) {
      for (Outcome outcome :
          restatement.restate(
              user,
              carried.getOrDefault(user, List.of()),
              loaded.getOrDefault(user, List.of()),
              fresh.getOrDefault(user, List.of()))) {
        if (outcome.change() == Change.DELETE) {
          sessions.remove(outcome.sessionId());
        } else if (outcome.change() != Change.NONE) {
          sessions.put(outcome.sessionId(), outcome.session());
        }
        if (outcome.open()) {
          nextOpen.put(outcome.sessionId(), outcome.session());
          if (outcome.published()) {
            nextPublished.add(outcome.sessionId());
          }
        }
      }
    }
    snapshot++;
    sessionsMark = next.publishedMs();
    if (crash == Crash.BETWEEN_THE_TABLES) {
      return;
    }
    open = nextOpen;
    openPublished = nextPublished;
    watermark = next;
    belongsTo = snapshot;
    offset = to;
  }

  /** What {@code user_sessions_live} shows. */
  Map<String, Session> live() {
    TreeMap<String, Session> live = new TreeMap<>(open);
    live.putAll(sessions);
    return live;
  }

  void checkInvariants(String message) {
    if (snapshot == belongsTo) {
      TreeSet<String> both = new TreeSet<>(open.keySet());
      both.retainAll(sessions.keySet());
      assertEquals(openPublished, both, message);
    }
    for (Session session : sessions.values()) {
      assertTrue(session.endMs() - session.startMs() <= rules.maxMs(), message);
    }
  }
}

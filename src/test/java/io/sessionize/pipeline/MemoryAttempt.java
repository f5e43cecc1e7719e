package io.sessionize.pipeline;

import io.sessionize.pipeline.MemoryTopic.Message;
import io.sessionize.session.Event;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.session.Watermark;
import io.sessionize.store.Base;
import io.sessionize.store.RunSummary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A batch on lists: what {@link SparkAttempt} does, in as many lines as it takes without Spark. */
final class MemoryAttempt implements Attempt {
  /** When every record was sent: long after the last event. */
  static final long SENT_MS = 1_000_000;

  private final MemoryStore store;
  private final Base base;
  private final MemoryStore.Sessions baseSessions;
  private final MemoryStore.Open baseOpen;
  private final List<Message> records;
  private final Rules rules;
  private final boolean everything;
  private final List<Outcome> outcomes = new ArrayList<>();
  private MemoryStore.Sessions sessions;
  private MemoryStore.Open open;

  MemoryAttempt(
      MemoryStore store, Base base, List<Message> records, Rules rules, boolean everything) {
    this.store = store;
    this.base = base;
    this.baseSessions = store.sessions();
    this.baseOpen = store.open();
    this.records = records;
    this.rules = rules;
    this.everything = everything;
  }

  @Override
  public ReadStats read() {
    long late = 0;
    long rejected = 0;
    Map<Integer, Long> greatest = new TreeMap<>();
    for (Message message : records) {
      if (message.click() == null) {
        rejected++;
      } else {
        late += isLate(message) ? 1 : 0;
        greatest.merge(message.partition(), message.click().event().timeMs(), Math::max);
      }
    }
    return new ReadStats(
        records.size(),
        new Lateness(records.size() - rejected - late, late, 0, 0),
        rejected == 0 ? Map.of() : Map.of("malformed", rejected),
        new TreeSet<>(),
        greatest,
        greatest.isEmpty() ? Watermark.NONE : SENT_MS);
  }

  private boolean isLate(Message message) {
    return message.click().event().timeMs() < base.watermark().publishedMs();
  }

  @Override
  public OutcomeStats restate(boolean lookUp, Watermark after) {
    Map<String, List<Event>> fresh = new TreeMap<>();
    Map<String, Long> concern = new HashMap<>();
    for (Message message : records) {
      if (message.click() != null) {
        String user = message.click().uuid();
        fresh.computeIfAbsent(user, u -> new ArrayList<>()).add(message.click().event());
        if (isLate(message)) {
          concern.merge(user, message.click().event().timeMs(), Math::min);
        }
      }
    }
    Map<String, List<Session>> carried = new TreeMap<>();
    for (Session session : baseOpen.rows().values()) {
      carried.computeIfAbsent(session.uuid(), u -> new ArrayList<>()).add(session);
      if (base.apart() || baseOpen.published().contains(session.id())) {
        concern.merge(session.uuid(), session.startMs(), Math::min);
      }
    }
    Map<String, List<Published>> loaded = new TreeMap<>();
    if (lookUp) {
      for (Session session : baseSessions.rows().values()) {
        Long from = concern.get(session.uuid());
        if (everything || from != null && session.endMs() >= from - rules.timeoutMs()) {
          loaded
              .computeIfAbsent(session.uuid(), u -> new ArrayList<>())
              .add(new Published(session.id(), session.startMs(), session, true));
        }
      }
    }
    Set<String> users = new TreeSet<>(fresh.keySet());
    users.addAll(carried.keySet());
    users.addAll(loaded.keySet());
    Restatement restatement = new Restatement(rules, after.publishedMs());
    for (String user : users) {
      outcomes.addAll(
          restatement.restate(
              user,
              carried.getOrDefault(user, List.of()),
              loaded.getOrDefault(user, List.of()),
              fresh.getOrDefault(user, List.of())));
    }
    return new OutcomeStats(
        outcomes.stream().mapToLong(Outcome::added).sum(),
        count(Change.INSERT),
        count(Change.UPDATE),
        count(Change.DELETE),
        events(outcome -> outcome.change() != Change.NONE),
        outcomes.stream().filter(Outcome::open).count(),
        outcomes.stream().filter(outcome -> outcome.open() && !outcome.carried()).count(),
        events(Outcome::open),
        outcomes.stream().filter(outcome -> outcome.open() && outcome.published()).count(),
        outcomes.stream()
            .filter(Outcome::open)
            .mapToLong(outcome -> outcome.session().endMs())
            .min()
            .orElse(Long.MAX_VALUE),
        new TreeSet<>());
  }

  private long events(Predicate<Outcome> which) {
    return outcomes.stream()
        .filter(which)
        .mapToLong(outcome -> outcome.session().events().size())
        .sum();
  }

  private long count(Change change) {
    return outcomes.stream().filter(outcome -> outcome.change() == change).count();
  }

  @Override
  public Preview preview(int most) {
    return new Preview(0, new TreeSet<>(), 0, List.of());
  }

  @Override
  public void mergeSessions(RunSummary summary) {
    Map<String, Session> rows = new TreeMap<>(baseSessions.rows());
    for (Outcome outcome : outcomes) {
      if (outcome.change() == Change.DELETE) {
        rows.remove(outcome.sessionId());
      } else if (outcome.change() != Change.NONE) {
        rows.put(outcome.sessionId(), outcome.session());
      }
    }
    long id = store.nextSnapshot();
    sessions = new MemoryStore.Sessions(id, id, rows, summary);
  }

  @Override
  public void writeOpen(RunSummary summary) {
    Map<String, Session> rows = new TreeMap<>();
    Set<String> published = new TreeSet<>();
    for (Outcome outcome : outcomes) {
      if (outcome.open()) {
        rows.put(outcome.sessionId(), outcome.session());
        if (outcome.published()) {
          published.add(outcome.sessionId());
        }
      }
    }
    open = new MemoryStore.Open(store.nextSnapshot(), rows, published, sessions.id(), summary);
  }

  @Override
  public long keepSessions(String branch) {
    return sessions.id();
  }

  @Override
  public void publishSessions() {
    store.publish(sessions, base.sessionsSnapshot());
  }

  @Override
  public boolean lacksRejected() {
    return records.stream()
        .anyMatch(message -> message.click() == null && !store.hasRejected(message));
  }

  @Override
  public void addRejected(RunSummary summary) {
    records.stream().filter(message -> message.click() == null).forEach(store::addRejected);
  }

  @Override
  public void publishOpen() {
    store.publish(open, base.openSnapshot());
  }

  @Override
  public void close() {
    // Nobody has seen what was not published.
  }
}

package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Version;
import io.sessionize.event.Limits;
import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Event;
import io.sessionize.session.LookUp;
import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.PageConditions;
import io.sessionize.session.Partition;
import io.sessionize.session.Published;
import io.sessionize.session.Reach;
import io.sessionize.session.Restatement;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.spark.SparkTransaction;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * A batch on lists: the same as {@link SparkTransaction}, without Spark. It looks up and merges
 * rows with the same bounds: rows are looked up by their start, and merged by their day.
 */
final class MemoryTransaction implements BatchTransaction {
  private final MemoryTables store;
  private final Base base;
  private final MemoryTables.Sessions baseSessions;
  private final MemoryTables.Open baseOpen;
  private final List<Message> records;
  private final List<Message> valid = new ArrayList<>();
  private final List<Message> rejected = new ArrayList<>();
  private final long runTimeMs;
  private final Rules rules;
  private final AffectedUser affected;
  private final Recomputation recomputation;
  private final SetAside setAside;
  private final List<Outcome> outcomes = new ArrayList<>();
  private MemoryTables.Sessions sessions;
  private MemoryTables.Open open;
  private Work filling;

  /** The users whose rows leave staging and come back; null for all. */
  private Set<String> touched;

  private Watermark after;

  MemoryTransaction(
      MemoryTables store,
      Base base,
      List<Message> records,
      Limits limits,
      long runTimeMs,
      Rules rules,
      Recomputation recomputation) {
    this.store = store;
    this.base = base;
    this.baseSessions = store.sessions(base.sessionsSnapshot());
    this.baseOpen = store.open(base.openSnapshot());
    this.records = records;
    records.forEach(message -> (isValid(message, limits) ? valid : rejected).add(message));
    this.runTimeMs = runTimeMs;
    this.rules = rules;
    this.affected = rules == null ? null : base.affected(rules);
    this.recomputation = recomputation;
    this.setAside = limits.setAside();
  }

  /** Evaluates the session columns of the sessions of some days, and nothing else. */
  MemoryTransaction filling(Work days) {
    filling = days;
    return this;
  }

  private static boolean isValid(Message message, Limits limits) {
    return message.click() != null
        && !limits.setAside().contains(message.click().uuid())
        && limits.rejects(message.click().event().timeMs(), message.recordTimeMs()) == null;
  }

  @Override
  public ReadStats read() {
    long late = valid.stream().filter(this::isLate).count();
    Map<Partition, Long> greatest = new TreeMap<>();
    long newest = Watermark.NONE;
    for (Message message : valid) {
      long timeMs = message.click().event().timeMs();
      if (timeMs <= runTimeMs) {
        greatest.merge(message.partition(), timeMs, Math::max);
        boolean known = Limits.isKnown(message.recordTimeMs());
        newest = Math.max(newest, known ? message.recordTimeMs() : timeMs);
      }
    }
    return new ReadStats(
        RecordCounts.ofRecords(records.size()),
        new Lateness(valid.size() - late, late, 0, 0),
        rejected.isEmpty() ? Map.of() : Map.of("malformed", (long) rejected.size()),
        OffsetRange.NONE,
        greatest,
        newest);
  }

  private boolean isLate(Message message) {
    return message.click().event().timeMs() < affected.lateBeforeMs();
  }

  @Override
  public OutcomeStats restate(boolean lookUp, Watermark watermark) {
    after = watermark;
    if (filling != null) {
      return refill();
    }
    touched = touchedUsers();
    Map<String, List<Event>> fresh = new TreeMap<>();
    for (Message message : valid) {
      fresh
          .computeIfAbsent(message.click().uuid(), user -> new ArrayList<>())
          .add(store.event(read(message)));
    }
    Map<String, List<Session>> staged = new TreeMap<>();
    for (Session session : staged()) {
      staged.computeIfAbsent(session.uuid(), user -> new ArrayList<>()).add(session);
    }
    Map<String, List<Published>> loaded = new TreeMap<>();
    boolean removes = !base.newlySetAside(setAside).isEmpty();
    for (Session session : lookUp || removes ? lookedUp() : List.<Session>of()) {
      loaded
          .computeIfAbsent(session.uuid(), user -> new ArrayList<>())
          .add(published(session, baseSessions.follows(session.id(), base.columns().number())));
    }
    Set<String> users = new TreeSet<>(fresh.keySet());
    users.addAll(staged.keySet());
    users.addAll(loaded.keySet());
    Restatement restatement =
        new Restatement(rules, PageConditions.of(rules), after.publishedMs(), DamagedRows.KEEP);
    for (String user : users) {
      List<Session> open = staged.getOrDefault(user, List.of());
      List<Published> rows = loaded.getOrDefault(user, List.of());
      List<Event> events = fresh.getOrDefault(user, List.of());
      if (setAside.contains(user)) {
        rows.forEach(row -> outcomes.add(Outcome.removed(row)));
      } else if (records.size() % 2 == 0) {
        outcomes.addAll(restatement.restate(user, open, rows, events));
      } else {
        restateInParts(restatement, user, open, rows, events);
      }
    }
    return stats();
  }

  /** Changes staging in most batches in which it can be changed. */
  private Set<String> touchedUsers() {
    boolean changes =
        recomputation == null
            && base.holdsOpenAsMade(rules, setAside, Version.TEXT)
            && (base.openSnapshot() + records.size()) % 10 < 7;
    if (!changes) {
      return null;
    }
    Set<String> users = usersOfBatch();
    for (Session session : baseOpen.rows().values()) {
      // As a Bloom filter, which lets some others pass.
      if (closes(session) || (session.uuid().hashCode() + base.openSnapshot()) % 7 == 0) {
        users.add(session.uuid());
      }
    }
    return users;
  }

  private Set<String> usersOfBatch() {
    Set<String> users = new HashSet<>();
    valid.forEach(message -> users.add(message.click().uuid()));
    return users;
  }

  private boolean closes(Session session) {
    return after.publishedMs() > session.endMs() + rules.timeoutMs();
  }

  /** The sessions in staging that are restated. */
  private List<Session> staged() {
    return baseOpen.rows().values().stream()
        .filter(session -> touched == null || touched.contains(session.uuid()))
        .toList();
  }

  /** The sessions in staging that stay as they are. */
  private List<Session> kept() {
    return baseOpen.rows().values().stream()
        .filter(session -> touched != null && !touched.contains(session.uuid()))
        .toList();
  }

  private static Published published(Session session, boolean intact) {
    return new Published(session.id(), session.startMs(), session, intact);
  }

  private OutcomeStats refill() {
    for (Session session : baseSessions.rows().values()) {
      LocalDate day = day(session.startMs());
      boolean isDue =
          filling.from().filter(from -> !day.isBefore(from)).isPresent()
              && !day.isAfter(filling.to().orElseThrow());
      if (isDue && !baseSessions.follows(session.id(), base.columns().number())) {
        Published stored = published(session, true);
        outcomes.add(new Outcome(session, Change.CHANGED, stored, false, true, false, 0));
      }
    }
    baseOpen
        .rows()
        .forEach(
            (id, session) -> {
              boolean isPublished = baseOpen.published().contains(id);
              outcomes.add(new Outcome(session, Change.NONE, null, true, isPublished, true, 0));
            });
    return stats();
  }

  /** As a user with more events than fit in memory. */
  private void restateInParts(
      Restatement restatement,
      String user,
      List<Session> staged,
      List<Published> published,
      List<Event> events) {
    restatement
        .restateInParts(
            user,
            sorted(staged, Session::startMs),
            sorted(published, row -> row.session().startMs()),
            sorted(events, Event::timeMs),
            1 + records.size() % 3)
        .forEachRemaining(outcomes::add);
  }

  private static <T> Iterator<T> sorted(List<T> some, ToLongFunction<T> time) {
    return some.stream().sorted(Comparator.comparingLong(time)).iterator();
  }

  private Collection<Session> lookedUp() {
    if (recomputation != null && recomputation.isWhole()) {
      return baseSessions.rows().values();
    }
    Map<String, List<Session>> rows = new TreeMap<>();
    for (Session session : baseSessions.rows().values()) {
      rows.computeIfAbsent(session.uuid(), user -> new ArrayList<>()).add(session);
    }
    List<Session> found = new ArrayList<>();
    affectedUsers()
        .forEach(
            (user, times) ->
                found.addAll(
                    new Reach<>(
                            rows.getOrDefault(user, List.of()),
                            affected.lookUp(),
                            Session::startMs,
                            Session::endMs)
                        .of(times.stream().mapToLong(Long::longValue).sorted().toArray())));
    return found;
  }

  private Map<String, List<Long>> affectedUsers() {
    Map<String, List<Long>> users = new TreeMap<>();
    for (Message message : valid) {
      if (isLate(message)) {
        affect(users, message.click().uuid(), message.click().event().timeMs());
      }
    }
    for (Session session : staged()) {
      if (affected.byOpenSession(baseOpen.published().contains(session.id()))) {
        affect(users, session.uuid(), session.startMs());
      }
    }
    SetAside newly = base.newlySetAside(setAside);
    for (Session session : baseSessions.rows().values()) {
      if (newly.contains(session.uuid())) {
        affect(users, session.uuid(), session.startMs());
      }
      if (affected.byRow(session.startMs(), session.endMs())) {
        affect(users, session.uuid(), session.startMs());
      }
      if (recomputation != null && isPart(session)) {
        boolean always = recomputation.from() == null && recomputation.to() == null;
        affect(users, session.uuid(), always ? LookUp.FROM_THE_BEGINNING : session.startMs());
      }
    }
    return users;
  }

  private static void affect(Map<String, List<Long>> users, String uuid, long timeMs) {
    users.computeIfAbsent(uuid, user -> new ArrayList<>()).add(timeMs);
  }

  private boolean isPart(Session session) {
    LocalDate day = day(session.startMs());
    return (recomputation.users().isEmpty() || recomputation.users().contains(session.uuid()))
        && (recomputation.from() == null || !day.isBefore(recomputation.from()))
        && (recomputation.to() == null || !day.isAfter(recomputation.to()));
  }

  private OutcomeStats stats() {
    OutcomeStats.Counter counter = new OutcomeStats.Counter();
    outcomes.forEach(outcome -> counter.add(OutcomeStats.Counted.of(outcome)));
    List<Session> kept = kept();
    Set<String> ofBatch = usersOfBatch();
    return counter
        .total()
        .withOpen(
            kept.size(),
            kept.stream().filter(s -> baseOpen.published().contains(s.id())).count(),
            baseOpen.rows().values().stream()
                .filter(s -> touched != null && !closes(s) && !ofBatch.contains(s.uuid()))
                .map(Session::endMs)
                .min(Long::compare)
                .orElse(null));
  }

  static LocalDate day(long timeMs) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(timeMs), ZoneOffset.UTC);
  }

  @Override
  public Preview preview(int most) {
    return new Preview(0, new TreeSet<>(), 0, List.of());
  }

  @Override
  public void mergeSessions(RunSummary summary) {
    Map<String, Session> rows = new TreeMap<>(baseSessions.rows());
    Map<String, Integer> columns = new TreeMap<>(baseSessions.columns());
    Set<LocalDate> days = stats().days();
    for (Outcome outcome : outcomes) {
      if (outcome.change() != Change.NONE) {
        Session found = baseSessions.rows().get(outcome.sessionId());
        boolean isFound = found != null && days.contains(day(found.startMs()));
        assertTrue(
            isFound == (outcome.change() != Change.ADDED), () -> "Not what is there: " + outcome);
        rows.remove(outcome.sessionId());
        if (outcome.change() != Change.REMOVED) {
          rows.put(outcome.sessionId(), outcome.session());
          columns.put(outcome.sessionId(), base.columns().number());
        }
      }
    }
    long id = store.nextSnapshot();
    // As read back from the table: the sessions table does not record the progress.
    sessions =
        new MemoryTables.Sessions(
            id, id, rows, columns, RunSummary.ofProperties(summary.toProperties()));
  }

  @Override
  public void writeOpen(RunSummary summary) {
    Map<String, Session> rows = new TreeMap<>();
    Set<String> published = new TreeSet<>();
    for (Session session : kept()) {
      rows.put(session.id(), session);
      if (baseOpen.published().contains(session.id())) {
        published.add(session.id());
      }
    }
    for (Outcome outcome : outcomes) {
      if (outcome.open()) {
        rows.put(outcome.sessionId(), outcome.session());
        if (outcome.published()) {
          published.add(outcome.sessionId());
        }
      }
    }
    Set<MemoryTables.Read> held = new HashSet<>(baseOpen.held());
    records.forEach(message -> held.add(read(message)));
    held.removeIf(read -> isSetAside(read.message()));
    open =
        new MemoryTables.Open(
            store.nextSnapshot(),
            rows,
            published,
            base.columns().number(),
            sessions.id(),
            RunSummary.ofProperties(summary.toProperties(sessions.id())),
            held);
  }

  private MemoryTables.Read read(Message message) {
    return new MemoryTables.Read(message, base.definitions().number());
  }

  private boolean isSetAside(Message message) {
    return message.click() != null && setAside.contains(message.click().uuid());
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
    return rejected.stream().anyMatch(message -> !store.hasRejected(message));
  }

  @Override
  public String mostFrequentRejection() {
    return "malformed";
  }

  @Override
  public void addRejected(RunSummary summary) {
    rejected.forEach(message -> store.addRejected(message, isSetAside(message)));
  }

  @Override
  public void markTakenIn(RunSummary summary) {
    valid.forEach(message -> store.markTakenIn(message, sessions.id()));
  }

  @Override
  public void publishOpen() {
    store.publish(open, base.openSnapshot());
  }

  @Override
  public void close() {
    // Nothing to drop: unpublished rows are not visible.
  }
}

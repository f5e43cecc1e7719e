package io.sessionize.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.Failure;
import io.sessionize.event.Limits;
import io.sessionize.pipeline.MemoryTopic.Message;
import io.sessionize.session.Event;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.source.Offsets;
import io.sessionize.store.Base;
import io.sessionize.store.RunSummary;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tables in memory: immutable snapshots that are replaced by compare-and-set, as Iceberg's.
 * Fails where a commit takes away what readers have seen, or sets the offsets back.
 */
final class MemoryStore implements Store<List<Message>> {

  /**
   * The sessions table.
   *
   * @param content the snapshot that last changed what it holds: compaction does not
   */
  record Sessions(long id, long content, Map<String, Session> rows, RunSummary summary) {}

  /**
   * The staging table.
   *
   * @param published ids of the rows that stand in the sessions table too
   * @param belongsTo the content of the sessions table that it was made with
   */
  record Open(
      long id,
      Map<String, Session> rows,
      Set<String> published,
      long belongsTo,
      RunSummary summary) {}

  private Rules rules;
  private final Set<String> rejected = new TreeSet<>();
  private Sessions sessions;
  private Open open;
  private long snapshots;

  MemoryStore(Rules rules) {
    this.rules = rules;
  }

  @Override
  public RunSummary standing(RunSummary start) {
    return open == null ? start : open.summary();
  }

  @Override
  public void create(RunSummary start) {
    if (sessions == null) {
      sessions = new Sessions(0, 0, Map.of(), start);
      open = new Open(0, Map.of(), Set.of(), 0, start);
    }
  }

  @Override
  public Base base() {
    boolean apart = open.belongsTo() != sessions.content();
    return new Base(sessions.id(), open.id(), sessions.summary(), open.summary(), apart);
  }

  @Override
  public Attempt recompute(Base base, Recomputation what) {
    return new MemoryAttempt(this, base, List.of(), rules, true);
  }

  @Override
  public Attempt attempt(Base base, Input<List<Message>> input, Limits limits) {
    List<Message> records = input.records() == null ? List.of() : input.records();
    return new MemoryAttempt(this, base, records, rules, false);
  }

  void rules(Rules others) {
    rules = others;
  }

  Sessions sessions() {
    return sessions;
  }

  Open open() {
    return open;
  }

  long nextSnapshot() {
    return ++snapshots;
  }

  void publish(Sessions made, long base) {
    requireUnchanged(sessions.id(), base);
    Set<String> gone = identities(sessions.rows().values());
    gone.removeAll(identities(made.rows().values()));
    assertEquals(Set.of(), gone, "Published events must not disappear");
    sessions = made;
  }

  void publish(Open made, long base) {
    requireUnchanged(open.id(), base);
    Offsets before = new Offsets(open.summary().next());
    Offsets after = new Offsets(made.summary().next());
    assertFalse(after.isBehind(before), () -> "Set back from " + before + " to " + after);
    open = made;
  }

  void addRejected(Message message) {
    rejected.add(message.partition() + ":" + message.offset());
  }

  boolean hasRejected(Message message) {
    return rejected.contains(message.partition() + ":" + message.offset());
  }

  Set<String> rejected() {
    return rejected;
  }

  void rollBack(Sessions toSessions, Open toOpen) {
    sessions = toSessions;
    open = toOpen;
  }

  /** Moves the rows into other files, so to speak. */
  void compact() {
    long id = nextSnapshot();
    sessions = new Sessions(id, sessions.content(), sessions.rows(), sessions.summary());
  }

  /** What the live view shows. */
  Map<String, Session> live() {
    Map<String, Session> live = new TreeMap<>(sessions.rows());
    open.rows()
        .forEach(
            (id, session) -> {
              if (!open.published().contains(id) && live.put(id, session) != null) {
                throw new AssertionError("Twice in the live view: " + id);
              }
            });
    return live;
  }

  private static Set<String> identities(Collection<Session> sessions) {
    Set<String> identities = new HashSet<>();
    for (Session session : sessions) {
      for (Event event : session.events()) {
        identities.add(session.uuid() + " " + event.timeMs() + " " + event.id());
      }
    }
    return identities;
  }

  private static void requireUnchanged(long current, long base) {
    if (current != base) {
      throw Failure.conflict(null, "The base is stale: %d, not %d", current, base);
    }
  }
}

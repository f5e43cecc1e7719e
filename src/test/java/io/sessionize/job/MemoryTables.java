package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.SessionColumn;
import io.sessionize.column.SessionColumns;
import io.sessionize.event.Definitions;
import io.sessionize.event.GivenDefinition;
import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Event;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.Session;
import io.sessionize.session.SetAside;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Tables in memory: immutable snapshots, replaced by compare-and-set as in Iceberg. Fails if a
 * commit removes events that readers have seen, or moves the offsets back.
 */
final class MemoryTables {

  /**
   * The sessions table.
   *
   * @param content the snapshot that last changed the rows; compaction does not
   * @param columns of each row: the number of the session columns that it follows
   * @param summary null if it is expired
   */
  record Sessions(
      long id,
      long content,
      Map<String, Session> rows,
      Map<String, Integer> columns,
      RunSummary summary) {

    /** Whether a row follows the session columns of this number. */
    boolean follows(String session, int number) {
      return columns.get(session) == number;
    }
  }

  /**
   * The staging table.
   *
   * @param published ids of the rows that are also in the sessions table
   * @param columns number of the session columns that all rows follow
   * @param belongsTo the content snapshot of the sessions table that it belongs to
   * @param held only for the test: the records that both tables have read, each with the number of
   *     the definition
   */
  record Open(
      long id,
      Map<String, Session> rows,
      Set<String> published,
      int columns,
      long belongsTo,
      RunSummary summary,
      Set<Read> held) {}

  /** A record that was read under a definition. */
  record Read(Message message, int definition) {}

  /** Copies of one click have the same. */
  record Identity(String uuid, long timeMs, String id) {
    static Identity of(String uuid, Event event) {
      return new Identity(uuid, event.timeMs(), event.id());
    }
  }

  /** What new tables take in. Most of many thousand histories begin with the same definition. */
  private record First(GivenDefinition given, Set<String> topics) {
    Definitions definitions() {
      return given.first(topics);
    }
  }

  private static final Map<First, Definitions> FIRST = new ConcurrentHashMap<>();

  /** The rejected records, each with its mark: the snapshot of the sessions table, or null. */
  private final Map<Message, Long> rejected = new HashMap<>();

  private final Set<Message> wereSetAside = new HashSet<>();
  private final Runnable atCommitPoint;
  private final Map<Long, Sessions> sessionsSnapshots = new HashMap<>();
  private final Map<Long, Open> openSnapshots = new HashMap<>();
  private Sessions sessions;
  private Open open;
  private Definitions definitions = Definitions.NONE;

  /** What {@link #event} returned under these definitions. */
  private final Map<Read, Event> events = new HashMap<>();

  private RecordedColumns columns = RecordedColumns.NONE;
  private long snapshots;

  /**
   * @param atCommitPoint called after each commit of staging
   */
  MemoryTables(Runnable atCommitPoint) {
    this.atCommitPoint = atCommitPoint;
  }

  void create(RunSummary start, GivenDefinition given, GivenColumns givenColumns, boolean remakes) {
    Set<String> topics = start.requireProgress().topics().keySet();
    Definitions before = definitions;
    definitions =
        definitions.isEmpty()
            ? FIRST.computeIfAbsent(new First(given, Set.copyOf(topics)), First::definitions)
            : given.takenInto(definitions, topics, open.summary().requireProgress().hasRead());
    if (definitions != before) {
      events.clear();
    }
    if (sessions == null) {
      use(new Sessions(0, 0, Map.of(), Map.of(), RunSummary.ofProperties(start.toProperties())));
      RunSummary staging = RunSummary.ofProperties(start.toProperties(0));
      use(new Open(0, Map.of(), Set.of(), 0, 0, staging, Set.of()));
    }
    columns = taken(givenColumns, remakes);
  }

  /** The session columns after these are taken in. All columns are numbers. */
  RecordedColumns taken(GivenColumns given, boolean remakes) {
    return given.takenInto(
        columns,
        remakes || !open.summary().requireProgress().hasRead(),
        some ->
            new SessionColumns(
                some.columns().entrySet().stream()
                    .map(column -> new SessionColumn(column.getKey(), "int", column.getValue()))
                    .toList(),
                null));
  }

  Base base() {
    Optional<RunSummary> summary = Optional.ofNullable(sessions.summary());
    boolean outOfSync = open.belongsTo() != sessions.content() || summary.isEmpty();
    return new Base(
        sessions.id(), open.id(), summary, open.summary(), outOfSync, definitions, columns);
  }

  /**
   * The event of a record, as a definition decodes it. A definition with properties takes their
   * values from the offset, so that copies differ.
   */
  Event event(Read read) {
    return events.computeIfAbsent(read, this::decoded);
  }

  private Event decoded(Read read) {
    Event event = read.message().click().event();
    Set<Property> mapped = Set.copyOf(definitions.taken().get(read.definition()).properties());
    List<Property> columns = definitions.properties();
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      long value = (read.message().offset() + read.definition() + i) % 3;
      values[i] = mapped.contains(columns.get(i)) && value > 0 ? Long.toString(value) : null;
    }
    return new Event(
        event.timeMs(),
        event.order(),
        event.id(),
        read.definition(),
        event.pageName(),
        event.bookingDetails(),
        event.details(),
        Properties.of(columns, values));
  }

  Definitions definitions() {
    return definitions;
  }

  boolean exist() {
    return open != null;
  }

  Sessions sessions() {
    return sessions;
  }

  Open open() {
    return open;
  }

  /** The sessions table as it was at a snapshot. */
  Sessions sessions(long id) {
    return sessionsSnapshots.get(id);
  }

  /** The staging table as it was at a snapshot. */
  Open open(long id) {
    return openSnapshots.get(id);
  }

  long nextSnapshot() {
    return ++snapshots;
  }

  void publish(Sessions made, long base) {
    requireUnchanged(sessions.id(), base);
    // Most rows stay as they are: their events do too.
    Set<Identity> gone =
        identities(
            sessions.rows().entrySet().stream()
                .filter(row -> row.getValue() != made.rows().get(row.getKey()))
                .map(Map.Entry::getValue)
                .toList());
    if (!gone.isEmpty()) {
      gone.removeAll(identities(made.rows().values()));
      SetAside setAside = made.summary().setAside();
      gone.removeIf(identity -> setAside.contains(identity.uuid()));
    }
    assertEquals(Set.of(), gone, "Published events must not disappear");
    use(made);
  }

  void publish(Open made, long base) {
    requireUnchanged(open.id(), base);
    Offsets before = open.summary().requireProgress().next();
    Offsets after = made.summary().requireProgress().next();
    Progress progress = made.summary().requireProgress();
    boolean isBinding = progress.from().equals(progress.next()) && !after.equals(before);
    assertFalse(
        !isBinding && after.isBehind(before.ofTopics(after.topics())),
        () -> "Set back from " + before + " to " + after);
    use(made);
    atCommitPoint.run();
  }

  /** Only for the test: the valid records that were rejected, since their user was set aside. */
  Set<Message> wereSetAside() {
    return wereSetAside;
  }

  void addRejected(Message message, boolean isSetAside) {
    if (isSetAside) {
      wereSetAside.add(message);
    }
    rejected.putIfAbsent(message, null);
  }

  boolean hasRejected(Message message) {
    return rejected.containsKey(message);
  }

  /** The coordinates of the rejected records. */
  Set<String> rejected() {
    return rejected.keySet().stream()
        .map(message -> message.partition() + ":" + message.offset())
        .collect(Collectors.toSet());
  }

  void markTakenIn(Message message, long snapshot) {
    assertTrue(rejected.containsKey(message));
    rejected.put(message, snapshot);
  }

  /**
   * The rejected records whose mark holds, or those without.
   *
   * @param progress that lists the retries
   */
  List<Message> rejected(Progress progress, boolean takenIn) {
    return rejected.entrySet().stream()
        .filter(
            row ->
                takenIn == (row.getValue() != null && progress.retries().contains(row.getValue())))
        .map(Map.Entry::getKey)
        .toList();
  }

  void rollBack(Sessions toSessions, Open toOpen) {
    use(toSessions);
    use(toOpen);
  }

  private void use(Sessions snapshot) {
    sessions = snapshot;
    sessionsSnapshots.put(snapshot.id(), snapshot);
  }

  private void use(Open snapshot) {
    open = snapshot;
    openSnapshots.put(snapshot.id(), snapshot);
  }

  /** A compaction: a new snapshot with the same rows. */
  void compact() {
    use(
        new Sessions(
            nextSnapshot(),
            sessions.content(),
            sessions.rows(),
            sessions.columns(),
            sessions.summary()));
  }

  /** An external commit. */
  void externalCommit() {
    long id = nextSnapshot();
    use(new Sessions(id, id, sessions.rows(), sessions.columns(), sessions.summary()));
  }

  /** An external commit, with expiration of all earlier snapshots. */
  void loseSummary() {
    long id = nextSnapshot();
    use(new Sessions(id, id, sessions.rows(), sessions.columns(), null));
  }

  /** How many sessions hold an event whose id is its Kafka coordinates. */
  long sessionsWithoutEventIds() {
    return live().values().stream()
        .filter(session -> session.events().stream().anyMatch(e -> e.id().contains("/")))
        .count();
  }

  /** The rows of the live view. */
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

  /** The events of these sessions. */
  static Set<Identity> identities(Collection<Session> sessions) {
    Set<Identity> identities = new HashSet<>();
    for (Session session : sessions) {
      for (Event event : session.events()) {
        identities.add(Identity.of(session.uuid(), event));
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

package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each invariant of a stored row, and what breaks none. */
class RowInvariantsTest {
  private static final long START = 1_000_000_000_000L;
  private static final long MINUTE = 60_000;

  private static final Rules RULES =
      new Rules(
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          null,
          List.of("bye"),
          List.of(),
          null,
          null,
          null,
          4);

  /** A stored event; null for one that is null. */
  private record One(Long timeMs, Long order, String id, String page) {
    static One at(long minute, String id) {
      return new One(START + minute * MINUTE, null, id, "home");
    }
  }

  private record Stored(List<One> events) implements StoredEvents {
    @Override
    public int size() {
      return events.size();
    }

    @Override
    public Long timeMs(int index) {
      return events.get(index) == null ? null : events.get(index).timeMs;
    }

    @Override
    public Long order(int index) {
      return events.get(index) == null ? null : events.get(index).order;
    }

    @Override
    public String id(int index) {
      return events.get(index) == null ? null : events.get(index).id;
    }

    @Override
    public boolean hasId(int index) {
      return id(index) != null;
    }

    @Override
    public String page(int index) {
      return events.get(index) == null ? null : events.get(index).page;
    }
  }

  /** Columns that follow from events, each of which a test may change. */
  private static final class Columns {
    private String id;
    private Long startMs;
    private Long endMs;
    private Long seconds;
    private Long count;
    private List<String> pages = List.of("home");
    private Long startMicros;
    private Long endMicros;
    private String reason = "inactivity";
    private String rule;
    private Edges edges;
    private final List<One> events;

    Columns(One... events) {
      this.events = new ArrayList<>(Arrays.asList(events));
      long first = START;
      long last =
          Arrays.stream(events)
              .filter(event -> event != null && event.timeMs != null)
              .mapToLong(event -> event.timeMs)
              .max()
              .orElse(START);
      id = "ann_session_" + first;
      startMs = first;
      endMs = last;
      seconds = (last - first) / 1000;
      count = (long) events.length;
      startMicros = first * 1000;
      endMicros = last * 1000;
    }

    List<BrokenInvariant> broken() {
      return new RowInvariants(RULES)
          .brokenBy(
              new StoredColumns(
                  "ann",
                  id,
                  startMs,
                  endMs,
                  seconds,
                  count,
                  pages,
                  startMicros,
                  endMicros,
                  reason,
                  rule),
              new Stored(events),
              edges);
    }

    Set<String> names() {
      Set<String> names = new TreeSet<>();
      broken().forEach(one -> names.add(one.name()));
      return names;
    }
  }

  private static Columns good() {
    return new Columns(One.at(0, "a"), One.at(10, "b"), One.at(10, "c"));
  }

  @Test
  void aRowThatFollowsFromItsEventsBreaksNothing() {
    assertEquals(List.of(), good().broken());
    assertEquals(List.of(), new Columns(One.at(0, "a")).broken());
    assertEquals(List.of(), new Columns(One.at(0, "a"), One.at(30, "b")).broken());
  }

  @Test
  void aColumnOfALaterVersionMayBeNull() {
    Columns row = good();
    row.seconds = null;
    row.count = null;
    row.pages = null;
    row.endMicros = null;
    row.reason = null;
    assertEquals(List.of(), row.broken());
  }

  @Test
  void eachColumnMustFollow() {
    Columns row = good();
    row.count = 7L;
    assertEquals(
        List.of(new BrokenInvariant("count_differs", "event_count is 7, but it holds 3 events")),
        row.broken());
    row = good();
    row.startMs = START + 1;
    assertEquals(
        List.of(
            new BrokenInvariant(
                "start_differs",
                "session_start_time_ms is " + (START + 1) + ", its first event is at " + START)),
        row.broken());
    for (Long micros : Arrays.asList(null, START * 1000 + 1, START, Long.MAX_VALUE)) {
      row = good();
      row.startMicros = micros;
      assertEquals(Set.of("start_differs"), row.names());
    }
    row = good();
    row.startMs = null;
    assertEquals(List.of(new BrokenInvariant("start_differs", null)), row.broken());
    row = good();
    row.endMicros = START;
    assertEquals(Set.of("end_differs"), row.names());
    row = good();
    row.endMs = null;
    assertEquals(Set.of("end_differs"), row.names());
    row = good();
    row.seconds = 1L;
    assertEquals(
        List.of(new BrokenInvariant("duration_differs", "session_duration_seconds is 1")),
        row.broken());
    for (String id : Arrays.asList(null, "ann_session_1")) {
      row = good();
      row.id = id;
      assertEquals(Set.of("id_differs"), row.names());
    }
    for (List<String> pages : List.of(List.<String>of(), List.of("home", "home"), nothing())) {
      row = good();
      row.pages = pages;
      assertEquals(Set.of("pages_differ"), row.names());
    }
  }

  private static List<String> nothing() {
    return Arrays.asList("home", null);
  }

  @Test
  void pagesAreThoseOfTheEventsInTheirOrder() {
    Columns row = new Columns(One.at(0, "a"), One.at(1, "b"), One.at(2, "c"), One.at(3, "d"));
    row.events.set(1, new One(START + MINUTE, null, "b", "search"));
    row.events.set(2, new One(START + 2 * MINUTE, null, "c", null));
    row.pages = List.of("home", "search");
    assertEquals(List.of(), row.broken());
    row.pages = List.of("search", "home");
    assertEquals(Set.of("pages_differ"), row.names());
  }

  @Test
  void damagedRowsAreReported() {
    Columns row = good();
    row.events.clear();
    row.rule = "class";
    assertEquals(List.of(new BrokenInvariant("events_missing", "holds no events")), row.broken());
    for (One damaged :
        Arrays.asList(
            null, new One(null, null, "b", "home"), new One(START + 1, null, null, "home"))) {
      row = good();
      row.events.set(1, damaged);
      Set<String> names = row.names();
      assertEquals(true, names.contains("event_damaged"), names::toString);
    }
    row = new Columns(null, null);
    assertEquals(
        Set.of(
            "duration_differs",
            "end_differs",
            "event_damaged",
            "event_twice",
            "id_differs",
            "pages_differ",
            "start_differs"),
        row.names());
  }

  @Test
  void eventsAreInOrderAndThereOnce() {
    Columns row = new Columns(One.at(0, "a"), One.at(10, "c"), One.at(10, "b"));
    assertEquals(Set.of("events_unordered"), row.names());
    row = new Columns(One.at(0, "a"), One.at(10, "b"), One.at(10, "b"));
    assertEquals(Set.of("event_twice"), row.names());
    row = new Columns(One.at(0, "a"), One.at(10, "b"), One.at(0, "a"));
    assertEquals(Set.of("event_twice", "events_unordered"), row.names());
    // The same id at another time is another event.
    assertEquals(List.of(), new Columns(One.at(0, "a"), One.at(10, "a")).broken());
  }

  @Test
  void theOrderOfAMomentIsOrderThenIdAndNullsLast() {
    Columns row = good();
    row.events.set(1, new One(START + 10 * MINUTE, 2L, "c", "home"));
    row.events.set(2, new One(START + 10 * MINUTE, null, "b", "home"));
    assertEquals(List.of(), row.broken());
    row.events.set(2, new One(START + 10 * MINUTE, 1L, "d", "home"));
    assertEquals(Set.of("events_unordered"), row.names());
    // A copy with another order is not beside the event.
    row.events.set(2, new One(START + 10 * MINUTE, 2L, "d", "home"));
    row.events.add(new One(START + 10 * MINUTE, 3L, "c", "home"));
    row.count = 4L;
    assertEquals(Set.of("event_twice"), row.names());
  }

  @Test
  void limitsOfTheRules() {
    assertEquals(Set.of("gap_inside"), new Columns(One.at(0, "a"), One.at(31, "b")).names());
    One[] long2 =
        IntStream.range(0, 4)
            .mapToObj(i -> One.at(i * 30L + (i == 3 ? 31 : 0), "e" + i))
            .toArray(One[]::new);
    assertEquals(Set.of("gap_inside", "too_long"), new Columns(long2).names());
    One[] five = IntStream.range(0, 5).mapToObj(i -> One.at(i, "e" + i)).toArray(One[]::new);
    assertEquals(Set.of("too_many_events"), new Columns(five).names());
    // A moment is never split.
    One[] moment = IntStream.range(0, 5).mapToObj(i -> One.at(0, "e" + i)).toArray(One[]::new);
    assertEquals(Set.of(), new Columns(moment).names());
  }

  @Test
  void rulesOfARow() {
    Columns row = good();
    row.rule = "end_session_on_page";
    assertEquals(
        List.of(
            new BrokenInvariant(
                "rule_differs",
                "boundary_rule is end_session_on_page, close_reason is inactivity")),
        row.broken());
    row.reason = "boundary";
    assertEquals(List.of(), row.broken());
    row.rule = "class";
    assertEquals(Set.of("rule_differs"), row.names());
    row.rule = null;
    row.edges =
        new Edges(
            "end_session_on_page",
            7,
            new Edges.Start(false, List.of(), 0, 1),
            new Edges.End(null, List.of(), 3));
    assertEquals(
        List.of(new BrokenInvariant("cut_missing", "rule end_session_on_page splits it at 7")),
        row.broken());
  }
}

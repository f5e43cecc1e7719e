package io.sessionize.session;

import java.util.ArrayList;
import java.util.List;

/**
 * What the rules of a definition say of the events of one stored row, and what they need to know of
 * them to say whether they split between it and the next row of its user. The class of the rules is
 * not asked.
 *
 * @param split the name of the first rule that splits within these events; null if none does, or if
 *     it is {@code max_events}, which follows from the number of events
 * @param splitMs the time before whose moment it splits; 0 if none does
 * @param start what is needed of the first moment
 * @param end what is needed of the session up to its last moment
 */
public record Edges(String split, long splitMs, Start start, End end) {

  /**
   * The first moment of a session.
   *
   * @param starts whether an event matches {@code starts}
   * @param values the smallest value of each property of {@code changes}, as a text; may hold null
   * @param day the day in the zone of the rules; 0 without a zone
   * @param events how many
   */
  public record Start(boolean starts, List<String> values, long day, long events) {}

  /**
   * A session up to its last moment.
   *
   * @param endedBy the name of the rule that ends it after this moment, whatever comes next; null
   *     if none does
   * @param values the last known value of each property of {@code changes}, as a text; may hold
   *     null
   * @param events how many
   */
  public record End(String endedBy, List<String> values, long events) {}

  /** Finds the edges of rows, for one thread. */
  public static final class Finder {
    private final Sessionizer times;
    private final Rules rules;
    private final EventTests tests;

    /**
     * @param rules by which the rows were made
     * @param tests the conditions of the rules
     */
    public Finder(Rules rules, EventTests tests) {
      this.rules = rules.withoutClass();
      this.tests = tests;
      this.times = new Sessionizer(this.rules, tests);
    }

    /**
     * Returns the edges of a row; null if its events are not in the order of their times.
     *
     * @param session the row, which has events
     */
    public Edges of(Session session) {
      List<Event> events = session.events();
      if (!session.isInOrder()) {
        return null;
      }
      Boundaries boundaries = new Boundaries(session.uuid(), rules, tests, null);
      Moment moment = Moment.at(events, 0);
      Start start = boundaries.start(moment);
      boundaries.begin(moment);
      String first = null;
      long firstMs = 0;
      for (int next = moment.events().size();
          next < events.size();
          next += moment.events().size()) {
        long lastMs = moment.timeMs();
        moment = Moment.at(events, next);
        // Behind such a pause another session begins: the row is reported for it.
        if (times.reasonToCut(session.startMs(), lastMs, moment.timeMs()) != null) {
          return null;
        }
        // Behind the first split another session would begin, of which the rules say other things.
        if (first == null) {
          first = boundaries.splitBefore(moment);
          firstMs = moment.timeMs();
        }
        boundaries.add(moment);
      }
      boolean isNamed = first != null && !first.equals(Boundaries.MAX_EVENTS);
      return new Edges(isNamed ? first : null, isNamed ? firstMs : 0, start, boundaries.end());
    }
  }

  /** Values of properties as texts. Values of one property differ if their texts do. */
  static List<String> texts(Object[] values) {
    List<String> texts = new ArrayList<>(values.length);
    for (Object value : values) {
      texts.add(value == null ? null : value.toString());
    }
    return texts;
  }
}

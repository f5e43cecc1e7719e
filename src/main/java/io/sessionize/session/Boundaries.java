package io.sessionize.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The boundary rules on the sessions of one user, moment by moment. If several rules split before
 * the same moment, the first in this order names it:
 *
 * <pre>
 *   name                  splits before the next moment
 *   end_session_on_page   after a moment that has one of these pages
 *   ends                  after a moment with an event that matches
 *   starts                if one of its events matches
 *   changes:PROPERTY      if the property changes from one known value to another
 *   day_in                if it is on another day
 *   class                 if the class says so
 *   max_events            if the session would have more events with it
 * </pre>
 *
 * The value of a property at a moment is the smallest that its events have. A session's last known
 * value is that of its last moment that has one. So copies and the order of events within a moment
 * have no effect.
 */
final class Boundaries {
  private static final String END_SESSION_ON_PAGE = "end_session_on_page";
  private static final String ENDS = "ends";
  static final String STARTS = "starts";
  static final String CHANGES = "changes:";
  static final String DAY_IN = "day_in";
  static final String CLASS = "class";
  static final String MAX_EVENTS = "max_events";

  private final String uuid;
  private final Rules rules;
  private final Set<String> endPages;
  private final EventTests tests;
  private final BoundaryRule custom;

  /** The last known value of each property that may change. */
  private final Object[] known;

  private List<Moment> session;
  private Moment last;
  private long events;
  private long day;

  /**
   * @param tests the conditions of the rules
   * @param custom the class of the rules, or null
   */
  Boundaries(String uuid, Rules rules, EventTests tests, BoundaryRule custom) {
    this.uuid = uuid;
    this.rules = rules;
    this.endPages = Set.copyOf(rules.endPages());
    this.tests = tests;
    this.custom = custom;
    this.known = new Object[rules.changes().size()];
  }

  /** The names of the rules, in their order. */
  static List<String> names(Rules rules) {
    List<String> names = new ArrayList<>();
    addIf(!rules.endPages().isEmpty(), END_SESSION_ON_PAGE, names);
    addIf(rules.ends() != null, ENDS, names);
    addIf(rules.starts() != null, STARTS, names);
    rules.changes().forEach(property -> names.add(CHANGES + property));
    addIf(rules.dayIn() != null, DAY_IN, names);
    addIf(rules.boundaryRule() != null, CLASS, names);
    addIf(rules.maxEvents() > 0, MAX_EVENTS, names);
    return names;
  }

  private static void addIf(boolean isSet, String name, List<String> names) {
    if (isSet) {
      names.add(name);
    }
  }

  /** Begins a session with this moment. */
  void begin(Moment first) {
    Arrays.fill(known, null);
    session = new ArrayList<>();
    events = 0;
    day = dayOf(first);
    add(first);
  }

  /** Adds the next moment to the session. */
  void add(Moment next) {
    last = next;
    events += next.events().size();
    for (int i = 0; i < known.length; i++) {
      Object value = smallest(rules.changes().get(i), next);
      known[i] = value == null ? known[i] : value;
    }
    if (custom != null) {
      session.add(next);
    }
  }

  /** What a later check needs of a moment that begins a session. */
  Edges.Start start(Moment first) {
    Object[] values = new Object[known.length];
    for (int i = 0; i < known.length; i++) {
      values[i] = smallest(rules.changes().get(i), first);
    }
    return new Edges.Start(
        matches(tests.starts(), first), Edges.texts(values), dayOf(first), first.events().size());
  }

  /** What a later check needs of the session so far. */
  Edges.End end() {
    return new Edges.End(endedBy(), Edges.texts(known), events);
  }

  /** Returns the name of the rule that splits before the next moment; null if none does. */
  String splitBefore(Moment next) {
    String endedBy = endedBy();
    if (endedBy != null) {
      return endedBy;
    }
    if (matches(tests.starts(), next)) {
      return STARTS;
    }
    for (int i = 0; i < known.length; i++) {
      Object value = known[i] == null ? null : smallest(rules.changes().get(i), next);
      if (value != null && Properties.compare(value, known[i]) != 0) {
        return CHANGES + rules.changes().get(i);
      }
    }
    if (dayOf(next) != day) {
      return DAY_IN;
    }
    if (custom != null && custom.startsNewSession(Collections.unmodifiableList(session), next)) {
      return CLASS;
    }
    boolean isFull = rules.maxEvents() > 0 && events + next.events().size() > rules.maxEvents();
    return isFull ? MAX_EVENTS : null;
  }

  /** The rule that splits after the last moment, whatever comes next; null if none does. */
  private String endedBy() {
    if (!endPages.isEmpty() && last.events().stream().anyMatch(this::isOnEndPage)) {
      return END_SESSION_ON_PAGE;
    }
    return matches(tests.ends(), last) ? ENDS : null;
  }

  private long dayOf(Moment moment) {
    return rules.dayIn() == null ? 0 : rules.dayIn().dayOf(moment.timeMs());
  }

  private boolean isOnEndPage(Event event) {
    return event.pageName() != null && endPages.contains(event.pageName());
  }

  private boolean matches(EventTest test, Moment moment) {
    return test != null && moment.events().stream().anyMatch(event -> test.matches(uuid, event));
  }

  /** The smallest value of a property at a moment; null if no event has one. */
  private static Object smallest(String property, Moment moment) {
    Object smallest = null;
    for (Event event : moment.events()) {
      Object value = event.property(property);
      if (value != null && (smallest == null || Properties.compare(value, smallest) < 0)) {
        smallest = value;
      }
    }
    return smallest;
  }
}

package io.sessionize.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The boundary rules on the sessions of one user, moment by moment. If several rules split before
 * the same moment, the first in this order names it:
 *
 * <pre>
 *   name                  splits
 *   end_session_on_page   after a moment that has one of these pages
 *   class                 where the class says so
 * </pre>
 */
final class Boundaries {
  private static final String END_SESSION_ON_PAGE = "end_session_on_page";
  private static final String CLASS = "class";

  private final Set<String> endPages;
  private final BoundaryRule custom;
  private final List<Moment> session = new ArrayList<>();
  private Moment last;

  /**
   * @param custom the class, or null
   */
  Boundaries(Rules rules, BoundaryRule custom) {
    this.endPages = Set.copyOf(rules.endPages());
    this.custom = custom;
  }

  /** Begins a session with this moment. */
  void begin(Moment first) {
    session.clear();
    add(first);
  }

  /** Adds the next moment to the session. */
  void add(Moment next) {
    last = next;
    if (custom != null) {
      session.add(next);
    }
  }

  /** Returns the name of the rule that splits before the next moment; null if none does. */
  String splitBefore(Moment next) {
    if (last.events().stream().anyMatch(this::isOnEndPage)) {
      return END_SESSION_ON_PAGE;
    }
    return custom != null && custom.startsNewSession(Collections.unmodifiableList(session), next)
        ? CLASS
        : null;
  }

  private boolean isOnEndPage(Event event) {
    return event.pageName() != null && endPages.contains(event.pageName());
  }
}

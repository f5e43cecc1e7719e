package io.sessionize.session;

import java.util.List;
import java.util.Set;

/** Ends a session with the moment at which one of these pages was seen ({@code logout}, say). */
record EndOnPage(Set<String> pages) implements BoundaryRule {

  @Override
  public boolean startsNewSession(List<Event> session, Event next) {
    long lastMoment = session.get(session.size() - 1).timeMs();
    // Events of one moment have no order of their own: any of them may be the one that ends it.
    for (int i = session.size() - 1; i >= 0 && session.get(i).timeMs() == lastMoment; i--) {
      if (session.get(i).pageName() != null && pages.contains(session.get(i).pageName())) {
        return true;
      }
    }
    return false;
  }
}

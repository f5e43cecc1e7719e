package io.sessionize.session;

import java.util.List;
import java.util.Set;

/** Ends a session with the moment at which one of these pages was seen ({@code logout}, say). */
record EndOnPage(Set<String> pages) implements BoundaryRule {

  @Override
  public boolean startsNewSession(List<Moment> session, Moment next) {
    return session.get(session.size() - 1).events().stream()
        .anyMatch(event -> event.pageName() != null && pages.contains(event.pageName()));
  }
}

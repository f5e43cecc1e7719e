package io.sessionize.testing;

import io.sessionize.session.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Sessions by id, with look-up by user. */
public record Sessions(Map<String, Session> byId) {
  /** Text form: {@code start-end number-of-events close-reason}. */
  public List<String> of(String user) {
    return sorted(user).stream()
        .map(
            session ->
                String.format(
                    "%s-%s %d %s",
                    TestClick.text(session.startMs()),
                    TestClick.text(session.endMs()),
                    session.events().size(),
                    session.closeReason().text()))
        .toList();
  }

  public List<List<String>> pagesOf(String user) {
    return sorted(user).stream().map(Session::pagesVisited).toList();
  }

  private List<Session> sorted(String user) {
    return byId.values().stream()
        .filter(session -> session.uuid().equals(user))
        .sorted(Comparator.comparingLong(Session::startMs))
        .toList();
  }
}

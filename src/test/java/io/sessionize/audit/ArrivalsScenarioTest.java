package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.audit.UserChanges.EventId;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Given one event a run, the run that read each is found, the newest first. */
class ArrivalsScenarioTest {
  private final Scenario scenario = new Scenario(1);
  private final List<EventId> events = new ArrayList<>();

  @Test
  void theNewestEventsAreSearchedFirst() {
    List<String> runs = new ArrayList<>();
    for (int hour = 10; hour < 15; hour++) {
      scenario.send(click("ann", hour + ":00").id("e" + hour));
      scenario.runAt(hour + ":05");
      events.add(new EventId("e" + hour, at(hour + ":00")));
      List<Commit> staging = new History(scenario.tables()).staging();
      runs.add(staging.get(staging.size() - 1).run().orElseThrow());
    }
    Map<EventId, Commit> all = arrivals(Arrivals.MOST_SNAPSHOTS);
    assertEquals(runs, events.stream().map(event -> all.get(event).run().orElseThrow()).toList());
    assertEquals(Set.of(events.get(4)), arrivals(2).keySet());
    assertEquals(new HashSet<>(events.subList(3, 5)), arrivals(3).keySet());
    assertEquals(Set.of(), arrivals(0).keySet());
  }

  private Map<EventId, Commit> arrivals(int most) {
    History history = new History(scenario.tables());
    UserChanges changes =
        new UserChanges(
            TestSpark.session(), scenario.tables(), history, "ann", at("10:00"), at("14:00"));
    return new Arrivals(
            TestSpark.session(), scenario.tables(), history, "ann", at("10:00"), at("14:00"), most)
        .of(events, changes);
  }
}

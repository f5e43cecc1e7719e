package io.sessionize.history;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.history.ChangedRows.Step;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.iceberg.events.Listeners;
import org.apache.iceberg.events.ScanEvent;
import org.junit.jupiter.api.Test;

/** Given commits of several days, the changes of a user on one of them are read. */
class ChangedRowsScenarioTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void onlyCommitsThatChangedTheDaysOfTheUserArePlanned() {
    for (int day = 2; day < 6; day++) {
      scenario.send(click("ann", "2026-03-0" + day + "T08:00"));
      scenario.runAt("2026-03-0" + day + "T12:00");
    }
    History history = new History(scenario.tables());
    List<Step> steps = new ArrayList<>();
    history.commits().stream()
        .filter(commit -> commit.parent().isPresent())
        .forEach(commit -> steps.add(new Step(commit.parent().get(), commit.id())));
    Set<Long> planned = new TreeSet<>();
    ConcurrentLinkedQueue<ScanEvent> scans = new ConcurrentLinkedQueue<>();
    Listeners.register(scans::add, ScanEvent.class);
    try (ChangedRows rows = new ChangedRows(TestSpark.session(), scenario.tables())) {
      long startMs = at("2026-03-04T08:00");
      assertEquals(1, rows.ofUser(steps, "ann", startMs, startMs).count());
    }
    String table = scenario.names().table();
    scans.stream()
        .filter(scan -> scan.tableName().endsWith("." + table))
        .forEach(scan -> planned.add(scan.snapshotId()));
    assertEquals(2, planned.size(), "The commit of that day, and its parent");
  }
}

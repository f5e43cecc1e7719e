package io.sessionize.maintenance;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maintains the tables of a run in steps, with a clock of its own. */
class UpkeepScenarioTest {
  private static final Duration EVERY = Duration.ofMinutes(10);
  private static final Duration HOUR = Duration.ofHours(1);

  private final Scenario scenario = new Scenario(1);
  private final AtomicLong clock = new AtomicLong(System.currentTimeMillis());
  private final List<MaintenanceStep> steps = new ArrayList<>();

  /** Steps of this kind fail. */
  private Kind failing;

  private Failure.Kind kindOfFailures = Failure.Kind.OTHER;

  @Test
  void aRoundCompactsSmallFilesAndExpiresAllButTags() {
    sixFilesOnEachOf("2026-03-02", "2026-03-01");
    scenario.send(click("user 2026-03-02 1", "01:30").sentAt("20:02"));
    scenario.runAt("20:02");
    assertEquals(1, files(1));
    long snapshots = snapshots().size();
    Upkeep upkeep = upkeep(EVERY, Duration.ofDays(90));
    round(upkeep);
    // One day in each step, and its delete files after them.
    assertEquals(List.of("6 -> 1", "7 -> 1"), counts(Kind.DATA_FILES).stream().sorted().toList());
    assertEquals(0, files(1));
    assertEquals(2, files(0));
    assertTrue(snapshots().size() > snapshots);
    assertFalse(upkeep.step(), "The next round is not due");

    // And after an hour, all but the current snapshots and those with tags are gone.
    scenario.send(click("clock", "21:00").sentAt("21:00"));
    scenario.runAt("21:01");
    clock.addAndGet(2 * HOUR.toMillis());
    round(upkeep);
    for (Table table : tables()) {
      List<String> tags = table.refs().keySet().stream().filter(t -> !t.equals("main")).toList();
      assertTrue(tags.stream().anyMatch(tag -> tag.matches("audit-\\d{4}-\\d\\d-\\d\\d")));
      assertTrue(tags.stream().anyMatch(tag -> tag.matches("audit-\\d{4}-\\d\\d-\\d\\d-\\d\\d")));
      List<Long> kept =
          table.refs().values().stream().map(SnapshotRef::snapshotId).distinct().sorted().toList();
      assertEquals(kept, ids(table));
    }
    scenario.send(click("user 2", "02:20").sentAt("22:00"), click("clock", "22:00"));
    scenario.runAt("22:01");
    scenario.assertEqualToOracle();
  }

  @Test
  void newFilesAreCompactedBetweenTwoRounds() {
    scenario.send(click("ann", "00:10"));
    scenario.runAt("00:11");
    clock.set(TestClick.at("20:00"));
    Upkeep upkeep = upkeep(EVERY, Duration.ofDays(90));
    round(upkeep);
    sixFilesOnEachOf("2026-03-02", "2026-03-01", "2026-02-01");
    scenario.send(click("user 2026-03-02 1", "01:30").sentAt("20:02"));
    scenario.runAt("20:02");
    assertEquals(1, files(1));

    // The minute after a round, at a trigger of one second.
    steps.clear();
    for (int run = 1; run < 60; run++) {
      assertFalse(upkeep.step());
    }
    assertEquals(List.of(), steps);
    while (upkeep.step()) {}
    assertEquals(List.of("6 -> 1", "8 -> 1"), counts(Kind.DATA_FILES).stream().sorted().toList());
    assertEquals(List.of(), counts(Kind.DELETE_FILES));
    assertEquals(1, files(1));
    assertEquals(2 + 6, files(0), "The day in February is left to the next round");
    assertFalse(upkeep.step(), "It begins to count again");

    clock.addAndGet(EVERY.toMillis());
    round(upkeep);
    assertEquals(List.of("6 -> 1"), counts(Kind.DATA_FILES));
    assertEquals(3, files(0));
    assertEquals(0, files(1));
    scenario.send(click("clock", "21:00"));
    scenario.runAt("21:01");
    scenario.assertEqualToOracle();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 90})
  void anExpiryDeletesTheFilesThatNoSnapshotReachesAndNoOthers(int daysOfTags) throws IOException {
    sixFilesOnEachOf("2026-03-02", "2026-03-01");
    scenario.send(click("user 2026-03-02 1", "01:30").sentAt("20:02"));
    scenario.topic().sendRejected("missing_uuid", click(null, "20:02"));
    scenario.runAt("20:02");
    Upkeep upkeep = upkeep(EVERY, Duration.ofDays(daysOfTags));
    round(upkeep);
    clock.addAndGet(2 * HOUR.toMillis());
    round(upkeep);
    String rejected = scenario.names().rejected();
    scenario.byHand("DELETE FROM " + rejected);
    clock.addAndGet(2 * HOUR.toMillis());
    round(upkeep);
    for (String table : List.of(scenario.names().sessions(), scenario.names().open(), rejected)) {
      assertEquals(reachable(table), stored(table), table);
    }
    assertEquals(0, scenario.count("SELECT count(*) FROM " + rejected + ".all_data_files"));
  }

  @Test
  void orphanFilesAreLookedForOnceADayAndNotAtTheStart() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    Upkeep upkeep = upkeep(EVERY, Duration.ZERO);
    round(upkeep);
    assertEquals(List.of(), counts(Kind.ORPHAN_FILES));
    assertEquals(1, tables().get(0).refs().size(), "No tags are kept");
    List<Integer> looked = new ArrayList<>();
    for (int hour = 1; hour <= 26; hour += 5) {
      clock.addAndGet(5 * HOUR.toMillis());
      round(upkeep);
      looked.add(counts(Kind.ORPHAN_FILES).size());
    }
    assertEquals(List.of(3, 0, 0, 0, 0, 3), looked);
  }

  @Test
  void aStepThatFailsKeepsNoOtherStepFromItsTurn() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    Upkeep upkeep = upkeep(EVERY, Duration.ofDays(90));
    clock.addAndGet(2 * HOUR.toMillis());
    failing = Kind.TAGS;
    assertThrows(IllegalStateException.class, upkeep::step);
    while (upkeep.step()) {}
    assertEquals(3, counts(Kind.ORPHAN_FILES).size());

    // Orphans are looked for until a look succeeds.
    clock.addAndGet(25 * HOUR.toMillis());
    failing = Kind.ORPHAN_FILES;
    for (int round = 0; round < 2; round++) {
      int failures = 0;
      boolean more = true;
      while (more) {
        try {
          more = upkeep.step();
        } catch (IllegalStateException e) {
          failures++;
        }
      }
      assertEquals(3, failures);
      clock.addAndGet(EVERY.toMillis());
    }
  }

  @Test
  void aServiceThatIsAwayEndsTheRound() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    Upkeep upkeep = upkeep(EVERY, Duration.ofDays(90));
    failing = Kind.TAGS;
    kindOfFailures = Failure.Kind.UNREACHABLE;
    assertThrows(IllegalStateException.class, upkeep::step);
    assertFalse(upkeep.step());
  }

  @Test
  void withoutAnIntervalNothingIsDone() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    Upkeep upkeep = upkeep(Duration.ZERO, Duration.ofDays(90));
    for (int run = 0; run < 100; run++) {
      assertFalse(upkeep.step());
    }
    assertEquals(List.of(), steps);
  }

  /** Six sessions on each day, each in a file of its own. */
  private void sixFilesOnEachOf(String... days) {
    // A batch closes one session of each day.
    scenario.maxOffsets(days.length);
    for (int hour = 1; hour <= 6; hour++) {
      String time = "0" + hour + ":10";
      for (String day : days) {
        scenario.send(click("user " + day + " " + hour, day + "T" + time).sentAt(time));
      }
    }
    scenario.send(click("clock", "20:00"));
    scenario.runAt("20:01");
    scenario.maxOffsets(100);
  }

  private Upkeep upkeep(Duration every, Duration keepTags) {
    return new Upkeep(
        TestSpark.session(),
        scenario.names(),
        new Upkeep.Policy(every, HOUR, keepTags),
        this::done,
        thrown -> new Failure(kindOfFailures, thrown.getMessage(), thrown),
        clock::get);
  }

  private void done(MaintenanceStep step) {
    if (step.kind() == failing) {
      throw new IllegalStateException("no " + failing);
    }
    steps.add(step);
  }

  private void round(Upkeep upkeep) {
    steps.clear();
    assertTrue(upkeep.step());
    while (upkeep.step()) {
      assertTrue(steps.size() < 50, steps.toString());
    }
  }

  /** What the steps of one kind did. */
  private List<String> counts(Kind kind) {
    return steps.stream()
        .filter(step -> step.kind() == kind)
        .map(step -> step.before() + " -> " + step.after())
        .toList();
  }

  /** The files that a snapshot of the table needs. */
  private Set<String> reachable(String table) {
    Set<String> files = new TreeSet<>();
    for (String query :
        List.of(
            "SELECT file_path FROM %s.all_files",
            "SELECT path FROM %s.all_manifests", "SELECT manifest_list FROM %s.snapshots")) {
      scenario.rows(String.format(query, table)).stream()
          .map(row -> Path.of(row.getString(0).replaceFirst("^file:", "")).toString())
          .forEach(files::add);
    }
    return files;
  }

  /** The files of the table on the disk, without its metadata files. */
  private Set<String> stored(String table) throws IOException {
    Path folder = Path.of(scenario.tables().load(table).location().replaceFirst("^file:", ""));
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(Path::toString)
          .filter(file -> file.endsWith(".parquet") || file.endsWith(".avro"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private long files(int content) {
    return scenario.count("SELECT count(*) FROM ${sessions}.files WHERE content = " + content);
  }

  private Collection<Long> snapshots() {
    return ids(tables().get(0));
  }

  private static List<Long> ids(Table table) {
    List<Long> ids = new ArrayList<>();
    table.snapshots().forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids.stream().sorted().toList();
  }

  private List<Table> tables() {
    return List.of(
        scenario.tables().load(scenario.names().sessions()),
        scenario.tables().load(scenario.names().open()));
  }
}

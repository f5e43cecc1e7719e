package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sessionize.Failure;
import io.sessionize.job.Batch;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Input;
import io.sessionize.job.Job;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Oracle;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkStore;
import io.sessionize.spark.internal.Records;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The batch step on real Iceberg tables: crashes at every point, two drivers, random traffic. */
class BatchTest {
  private static final long START = Instant.parse("2026-03-01T22:00:00Z").toEpochMilli();
  private static final long NOW = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  private final TableNames names = TestSpark.uniqueNames();
  private final Job job = TestSpark.job(names, Rules.DEFAULT, NOW);
  private final TestTopic topic = new TestTopic(NOW);

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  BatchTest() {
    new SessionTables(TestSpark.session(), names)
        .create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
  }

  @Test
  void nextRunSucceedsAfterACrashWithEmptyStaging() {
    topic.click("ann", START, "home");
    assertThrows(Crash.class, () -> run(crashAt(CrashPoint.SESSIONS_PUBLISHED)));
    run(CrashPoint.Probe.NONE);
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names));
  }

  @Test
  void runIsRefusedIfAnotherRunMovedTheOffsets() {
    topic.click("ann", START, "home");
    Input<Records> stale = topic.since(TestTopic.BEGIN);
    run(CrashPoint.Probe.NONE);
    Failure conflict =
        assertThrows(
            Failure.class,
            () ->
                new Batch<>(new SparkStore(TestSpark.session(), job), job, CrashPoint.Probe.NONE)
                    .run(stale));
    assertEquals(Failure.Kind.CONFLICT, conflict.kind());
  }

  @Test
  void driverWithDroppedBranchesPublishesNothing() {
    topic.broken("not json");
    Input<Records> same = topic.since(TestTopic.BEGIN);
    Failure conflict =
        assertThrows(
            Failure.class,
            () ->
                new Batch<>(
                        new SparkStore(TestSpark.session(), job),
                        job,
                        point -> {
                          if (point == CrashPoint.DECODED) {
                            run(CrashPoint.Probe.NONE);
                          }
                        })
                    .run(same));
    assertEquals(Failure.Kind.CONFLICT, conflict.kind());
    assertEquals(1, TestSpark.session().table(names.rejected()).count());
  }

  @ParameterizedTest
  @EnumSource(names = {"DECODED", "SESSIONS_MERGED", "OPEN_WRITTEN"})
  void driverWithAStaleBasePublishesNothing(CrashPoint passed) {
    topic.click("ann", START, "home");
    Failure conflict =
        assertThrows(
            Failure.class,
            () ->
                run(
                    point -> {
                      if (point == passed) {
                        run(CrashPoint.Probe.NONE);
                      }
                    }));
    assertEquals(Failure.Kind.CONFLICT, conflict.kind());
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names));
  }

  @Test
  void driverPausedBetweenCommitsDoesNotRewindTheOther() {
    topic.click("ann", START, "home");
    topic.click("clock", START + minutes(60), "home");
    assertThrows(
        Failure.class,
        () ->
            run(
                point -> {
                  if (point == CrashPoint.SESSIONS_PUBLISHED) {
                    topic.click("ann", START + minutes(20), "search");
                    run(CrashPoint.Probe.NONE);
                  }
                }));
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names));
  }

  @Test
  void readersBetweenCommitsMissNoSession() {
    topic.click("ann", START, "home");
    run(CrashPoint.Probe.NONE);
    topic.click("clock", START + minutes(60), "home");
    Map<String, Long> between = new TreeMap<>();
    run(
        point -> {
          if (point == CrashPoint.SESSIONS_PUBLISHED) {
            between.putAll(rowsOfTheLiveView());
          }
        });
    assertEquals(Map.of("ann", 2L), between);
    assertEquals(Map.of("ann", 1L, "clock", 1L), rowsOfTheLiveView());
  }

  private Map<String, Long> rowsOfTheLiveView() {
    Map<String, Long> rows = new TreeMap<>();
    TestSpark.session()
        .table(names.live())
        .groupBy("uuid")
        .count()
        .collectAsList()
        .forEach(row -> rows.put(row.getString(0), row.getLong(1)));
    return rows;
  }

  @Test
  void batchesLeaveNoCatalogConnectionsBehind() throws IOException {
    assumeTrue(Files.exists(OPEN_FILES), "Open files can be counted on Linux alone");
    List<Long> open = new ArrayList<>();
    topic.click("clock", START + minutes(60), "home");
    for (int late = 0; late < 5; late++) {
      topic.click("ann", START + late, "home");
      run(CrashPoint.Probe.NONE);
      open.add(openCatalogFiles());
    }
    // The first batches fill the catalog's pool of connections.
    assertEquals(open.get(2), open.get(4), open::toString);
  }

  private static long openCatalogFiles() throws IOException {
    Path catalog = TestSpark.warehouse().resolve("catalog.db").toRealPath();
    try (Stream<Path> files = Files.list(OPEN_FILES)) {
      return files
          .filter(
              file -> {
                try {
                  return Files.readSymbolicLink(file).equals(catalog);
                } catch (IOException e) {
                  // It was closed just now.
                  return false;
                }
              })
          .count();
    }
  }

  @Test
  void oneLateEventChangesOneRow() {
    for (int user = 0; user < 50; user++) {
      topic.click("u" + user, START + user, "home");
    }
    topic.click("clock", START + minutes(60), "home");
    run(CrashPoint.Probe.NONE);
    topic.click("u7", START + minutes(5), "search");
    BatchReport report = run(CrashPoint.Probe.NONE);
    assertEquals(1, report.sessions().changed());
    assertEquals(1, report.read().lateness().late());
    assertEquals(0, report.sessions().added());
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void randomBatchesGiveTheResultOfTheOracle(long seed) {
    Random random = new Random(seed);
    List<Runnable> arrivals = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      String user = "user '" + random.nextInt(12) + "\"; ü";
      long time = START + random.nextInt((int) minutes(600));
      arrivals.add(() -> topic.click(user, time, "page" + time % 5));
      if (random.nextInt(10) == 0) {
        arrivals.add(topic::copyOfLast);
      }
      if (random.nextInt(20) == 0) {
        arrivals.add(() -> topic.broken("{\"uuid\": 1"));
      }
    }
    while (!arrivals.isEmpty()) {
      int count = Math.min(arrivals.size(), 40 + random.nextInt(120));
      arrivals.subList(0, count).forEach(Runnable::run);
      arrivals = arrivals.subList(count, arrivals.size());
      BatchReport report = run(CrashPoint.Probe.NONE);
      assertEquals(
          report.read().records(),
          report.read().events() + report.read().duplicates() + report.read().rejectedTotal());
    }
    assertEquals(
        Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names), "seed " + seed);
  }

  private static CrashPoint.Probe crashAt(CrashPoint point) {
    return passed -> {
      if (passed == point) {
        throw new Crash();
      }
    };
  }

  private BatchReport run(CrashPoint.Probe probe) {
    Offsets from =
        new SessionTables(TestSpark.session(), names).base().next().orElse(TestTopic.BEGIN);
    return new Batch<>(new SparkStore(TestSpark.session(), job), job, probe).run(topic.since(from));
  }

  private static long minutes(long minutes) {
    return minutes * 60_000;
  }
}

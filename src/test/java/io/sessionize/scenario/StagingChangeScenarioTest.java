package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.job.Batch;
import io.sessionize.job.BatchReport;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Oracle;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkStore;
import io.sessionize.spark.StagingPolicy;
import io.sessionize.spark.internal.StagedRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.sketch.BloomFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch that changes staging leaves the rows that one leaves that replaces it. */
class StagingChangeScenarioTest {
  private static final long START = Instant.parse("2026-03-01T22:00:00Z").toEpochMilli();
  private static final long NOW = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();
  private static final int BATCHES = 8;

  /** Staging of so many sessions is sorted. */
  private static final int MANY = 60_000;

  private static final CrashPoint.Probe NONE = CrashPoint.Probe.NONE;

  private final SparkSession spark = TestSpark.session();
  private final TestTopic topic = new TestTopic(NOW);

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Unheard implements ColumnRecompute.Listener {
    @Override
    public void left(int days) {}

    @Override
    public void filled(LocalDate day, long changed) {}
  }

  /** Tables of the same topic, whose batches follow one policy. */
  private final class Tables {
    private final TableNames names = TestSpark.uniqueNames();
    private final Job job = TestSpark.job(names, Rules.DEFAULT, NOW);
    private final SessionTables tables = new SessionTables(spark, names);
    private final StagingPolicy policy;
    private final SortedMap<String, String> columns = new TreeMap<>();

    Tables(StagingPolicy policy, int version) {
      this.policy = policy;
      tables.create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
      spark.sql(
          "ALTER TABLE %s SET TBLPROPERTIES ('format-version' = '%d')"
              .formatted(names.open(), version));
    }

    BatchReport run(CrashPoint crash) {
      return run(
          passed -> {
            if (passed == crash) {
              throw new Crash();
            }
          });
    }

    BatchReport run(CrashPoint.Probe probe) {
      Offsets from = tables.base().next().orElse(TestTopic.BEGIN);
      SparkStore store = new SparkStore(spark, job).staging(policy);
      return new Batch<>(store, job, probe).run(topic.since(from));
    }

    /** Fills a new session column. */
    void fill(String column, String sql) {
      columns.put(column, sql);
      Job given = job.with(new GivenColumns(true, columns, null));
      SparkJobs.columnRecompute(spark, given, new Unheard(), NONE).execute();
    }

    /** Lets the last commit be one of another version of the job. */
    void pretendVersion(String version) {
      Table staging = staging();
      AppendFiles nothing = staging.newAppend();
      staging.currentSnapshot().summary().entrySet().stream()
          .filter(entry -> entry.getKey().startsWith("sessionize."))
          .forEach(entry -> nothing.set(entry.getKey(), entry.getValue()));
      nothing.set("sessionize.version", version).commit();
    }

    /** All columns of all rows. */
    Map<String, String> rows(String table) {
      Map<String, String> rows = new TreeMap<>();
      for (Row row : spark.table(table).collectAsList()) {
        assertEquals(null, rows.put(row.getAs("session_id"), row.toString()));
      }
      return rows;
    }

    List<Object> progress() {
      Base base = tables.base();
      Progress progress = base.progress();
      return List.of(
          progress.openPublished(),
          progress.oldestOpenEndMs(),
          base.open().count("open"),
          progress.watermark());
    }

    /** How many commits have deleted single rows of staging. */
    long changes() {
      long changes = 0;
      for (Snapshot snapshot : staging().snapshots()) {
        changes += snapshot.summary().containsKey("added-delete-files") ? 1 : 0;
      }
      return changes;
    }

    long files(String kind) {
      return Long.parseLong(
          staging().currentSnapshot().summary().getOrDefault("total-" + kind, "0"));
    }

    /** The most row groups of a file. */
    int rowGroups() throws IOException {
      int most = 0;
      try (CloseableIterable<FileScanTask> files = staging().newScan().planFiles()) {
        for (FileScanTask file : files) {
          List<Long> offsets = file.file().splitOffsets();
          most = Math.max(most, offsets == null ? 0 : offsets.size());
        }
      }
      return most;
    }

    void compactStaging() {
      SparkActions.get(spark).rewriteDataFiles(staging()).option("rewrite-all", "true").execute();
    }

    void compactAndExpireStaging() {
      compactStaging();
      SparkActions.get(spark)
          .expireSnapshots(staging())
          .expireOlderThan(Long.MAX_VALUE)
          .retainLast(1)
          .execute();
    }

    Table staging() {
      return tables.load(names.open());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void changedAndReplacedStagingAreEqual(int version) {
    Random random = new Random(version);
    Tables changed = new Tables(StagingPolicy.CHANGE, version);
    Tables replaced = new Tables(StagingPolicy.REPLACE, version);
    for (int user = 0; user < 60; user++) {
      topic.click("user" + user, START + minutes(random.nextInt(30)), "home");
    }
    for (int batch = 0; batch < BATCHES; batch++) {
      // When a few users click, some of them late, and time goes on
      long time = START + minutes(8 * batch);
      for (int i = 0; i < 6; i++) {
        long late = random.nextInt(3) == 0 ? minutes(random.nextInt(90)) : 0;
        topic.click("user" + random.nextInt(70), time + 1_000 * i - late, "page" + i);
      }
      if (random.nextBoolean()) {
        topic.copyOfLast();
      }
      topic.click("clock", time, "clock");
      CrashPoint crash = batch == 5 ? CrashPoint.SESSIONS_PUBLISHED : null;
      if (crash != null) {
        assertThrows(Crash.class, () -> changed.run(crash));
        assertThrows(Crash.class, () -> replaced.run(crash));
      }
      BatchReport report = changed.run(NONE);
      // Then all tables and counts are equal
      assertEquals(replaced.run(NONE).counts(), report.counts());
      assertEquals(replaced.rows(replaced.names.open()), changed.rows(changed.names.open()));
      assertEquals(
          replaced.rows(replaced.names.sessions()), changed.rows(changed.names.sessions()));
      assertEquals(replaced.progress(), changed.progress());
    }
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(changed.names));
    assertEquals(0, replaced.changes());
    assertTrue(changed.changes() > BATCHES / 2, changed.changes() + " changes");
    assertTrue(changed.files("data-files") < 6, changed.files("data-files") + " files");
    assertTrue(changed.files("delete-files") <= changed.files("data-files"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aCompactionOfStagingMeanwhileIsBuiltOnOrAConflict(int version) {
    // Given staging with several files and deleted rows
    Tables tables = new Tables(StagingPolicy.CHANGE, version);
    for (int user = 0; user < 20; user++) {
      topic.click("user" + user, START, "home");
    }
    tables.run(NONE);
    topic.click("user1", START + minutes(5), "search");
    tables.run(NONE);
    assertEquals(2, tables.files("data-files"));
    // When another engine compacts it before a batch publishes
    topic.click("user2", START + minutes(6), "search");
    tables.run(after(CrashPoint.OPEN_WRITTEN, tables::compactStaging));
    // Then the batch has changed the compacted file
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(tables.names));
    assertEquals(2, tables.files("data-files"));
    assertEquals(2, tables.changes());
    // When it does so between the two commits of a batch
    topic.click("user3", START + minutes(7), "search");
    Failure failure =
        assertThrows(
            Failure.class,
            () -> tables.run(after(CrashPoint.SESSIONS_PUBLISHED, tables::compactStaging)));
    assertEquals(Failure.Kind.CONFLICT, failure.kind());
    // Then the next one replaces staging
    tables.run(NONE);
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(tables.names));
    assertEquals(1, tables.files("data-files"));
  }

  @Test
  void aBaseThatIsExpiredBeforeStagingIsWrittenIsAConflict() {
    // Given staging with a file that the next batch merges
    Tables tables = new Tables(StagingPolicy.CHANGE, 2);
    for (int user = 0; user < 5; user++) {
      topic.click("user" + user, START, "home");
    }
    tables.run(NONE);
    topic.click("user5", START + minutes(1), "home");
    tables.run(NONE);
    // When another engine compacts staging and deletes the file before it is read
    topic.click("user6", START + minutes(2), "home");
    Failure failure =
        assertThrows(
            Failure.class,
            () -> tables.run(after(CrashPoint.SESSIONS_MERGED, tables::compactAndExpireStaging)));
    // Then nothing is published, and the next batch goes on
    assertEquals(Failure.Kind.CONFLICT, failure.kind());
    tables.run(NONE);
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(tables.names));
  }

  @Test
  void stagingIsReplacedIfARowThatStaysMayBeWrong() {
    Tables tables = new Tables(StagingPolicy.CHANGE, 2);
    for (int user = 0; user < 5; user++) {
      topic.click("user" + user, START, "home");
    }
    tables.run(NONE);
    topic.click("ann", START + minutes(1), "home");
    tables.run(NONE);
    assertEquals(2, tables.files("data-files"));
    // An external commit may have done anything
    spark.sql("UPDATE %s SET event_count = 7 WHERE uuid = 'user4'".formatted(tables.names.open()));
    topic.click("ann", START + minutes(2), "home");
    tables.run(NONE);
    assertEquals(1, tables.files("data-files"));
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(tables.names));
    // Also if a fill of session columns has copied its rows
    spark.sql("UPDATE %s SET event_count = 7 WHERE uuid = 'user4'".formatted(tables.names.open()));
    tables.fill("pages", "size(pages_visited)");
    topic.click("ann", START + minutes(2), "home");
    tables.run(NONE);
    assertEquals(1, tables.files("data-files"));
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(tables.names));
    // A fill alone does not prevent a change
    tables.fill("more", "1 + size(pages_visited)");
    topic.click("ann", START + minutes(2), "home");
    tables.run(NONE);
    assertEquals(2, tables.files("data-files"));
    // A fill does not hide that another version of the job wrote the other columns
    tables.pretendVersion("0.0");
    tables.fill("most", "2 + size(pages_visited)");
    topic.click("ann", START + minutes(2), "home");
    tables.run(NONE);
    assertEquals(1, tables.files("data-files"));
    topic.click("ann", START + minutes(2), "home");
    tables.run(NONE);
    assertEquals(2, tables.files("data-files"));
    // A damaged row is kept, and prevents a change until it is replaced
    spark.sql("UPDATE %s SET events = array() WHERE uuid = 'user4'".formatted(tables.names.open()));
    for (int batch = 0; batch < 2; batch++) {
      topic.click("ann", START + minutes(3 + batch), "home");
      assertEquals(1, tables.run(NONE).sessions().damaged());
      assertEquals(1, tables.files("data-files"));
    }
    topic.click("user4", START, "home");
    tables.run(NONE);
    topic.click("ann", START + minutes(5), "home");
    tables.run(NONE);
    assertEquals(2, tables.files("data-files"));
  }

  @Test
  void aLargeFileIsSortedByEndAndReadInParts() throws IOException {
    // Given more sessions than a file holds unsorted
    Tables changed = new Tables(StagingPolicy.CHANGE, 2);
    Tables replaced = new Tables(StagingPolicy.REPLACE, 2);
    Random random = new Random(1);
    for (int user = 0; user < MANY; user++) {
      topic.click("user" + user, START + random.nextInt((int) minutes(20)), "home");
    }
    changed.run(NONE);
    replaced.run(NONE);
    assertTrue(changed.rowGroups() > 3, changed.rowGroups() + " row groups");
    // When a few users click, then some sessions close, and then nearly all
    for (int minute : new int[] {22, 41, 300}) {
      for (int i = 0; i < 50; i++) {
        topic.click("user" + random.nextInt(MANY), START + minutes(minute), "page" + i);
      }
      assertEquals(replaced.run(NONE).counts(), changed.run(NONE).counts());
    }
    // Then the rows are those of tables that are replaced
    assertEquals(2, changed.changes());
    assertTrue(replaced.rows(replaced.names.sessions()).size() > MANY / 30);
    assertEquals(replaced.rows(replaced.names.sessions()), changed.rows(changed.names.sessions()));
    assertEquals(replaced.rows(replaced.names.open()), changed.rows(changed.names.open()));
    assertEquals(replaced.progress(), changed.progress());
  }

  @Test
  void theKeysOfAFileAreReadOnce() {
    // Given a file of more than a hundred row groups
    Tables tables = new Tables(StagingPolicy.CHANGE, 2);
    spark.sql(
        "ALTER TABLE %s SET TBLPROPERTIES ('write.parquet.row-group-size-bytes' = '1')"
            .formatted(tables.names.open()));
    for (int user = 0; user < 150; user++) {
      topic.click("user" + user, START, "home");
    }
    tables.run(NONE);
    StagedRows rows = tables.tables.stagedRows(tables.tables.base()).orElseThrow();
    DataFile file = rows.files().get(0).file();
    assertEquals(150, file.splitOffsets().size());
    BloomFilter none = BloomFilter.create(1_000, 0.01);
    Broadcast<BloomFilter> nobody = new JavaSparkContext(spark.sparkContext()).broadcast(none);
    assertEquals(150, rows.scan(nobody, none, START + 1).closed());
    // When the file is gone
    tables.staging().io().deleteFile(file.location());
    // Then its keys are still known
    assertEquals(150, rows.scan(nobody, none, START).rows());
    assertEquals(0, rows.scan(nobody, none, START).closed());
  }

  private static CrashPoint.Probe after(CrashPoint point, Runnable action) {
    boolean[] done = {false};
    return passed -> {
      if (passed == point && !done[0]) {
        done[0] = true;
        action.run();
      }
    };
  }

  private static long minutes(long minutes) {
    return minutes * 60_000;
  }
}

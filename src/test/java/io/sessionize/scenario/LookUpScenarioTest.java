package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.job.Batch;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Oracle;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkStore;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.io.File;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Late events on real Iceberg tables: which rows are found, what is read, and how it is merged. */
class LookUpScenarioTest {
  private static final Instant FIRST_DAY = Instant.parse("2026-02-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2026-03-03T00:00:00Z");
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final SparkSession spark = TestSpark.session();
  private final TableNames names = TestSpark.uniqueNames();
  private final Job job = TestSpark.job(names, Rules.DEFAULT, NOW.toEpochMilli());
  private final TestTopic topic = new TestTopic(NOW.toEpochMilli());

  LookUpScenarioTest() {
    new SessionTables(spark, names)
        .create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
  }

  @Test
  void eventsOfFilesWithoutAHitAreNotRead() throws Exception {
    // Given two weeks with a file for each day, in row groups of a few users, most of it events
    spark.sql(
        "ALTER TABLE "
            + names.sessions()
            + " SET TBLPROPERTIES ('write.parquet.row-group-size-bytes' = '65536')");
    Random random = new Random(1);
    for (int day = 0; day < 14; day++) {
      for (int user = 0; user < 300; user++) {
        for (int event = 0; event < 20; event++) {
          topic.click("user" + user, at(day, 8) + event * MINUTE + user, text(random));
        }
      }
    }
    run();
    run("ann", at(15, 8));
    long table = count("SELECT sum(file_size_in_bytes) FROM ${sessions}.files");
    // When an event of one user comes days late
    topic.click("user7", at(2, 8) + 30 * MINUTE, "late");
    AtomicLong read = new AtomicLong();
    SparkListener listener = countingBytes(read);
    spark.sparkContext().addSparkListener(listener);
    BatchReport report;
    try {
      report = run();
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(listener);
    }
    // Then its day's keys and one row group were read
    assertEquals(1, report.sessions().changed());
    assertEquals(
        21,
        count(
            "SELECT event_count FROM ${sessions} WHERE session_id = 'user7_session_"
                + (at(2, 8) + 7)
                + "'"));
    assertTrue(read.get() > 0, "nothing was counted");
    // That is as much as one of the fourteen files. The events of another one would be too much.
    assertTrue(read.get() < table / 10, read.get() + " of " + table + " bytes were read");
  }

  @Test
  void anEventYearsLateReadsNoOtherDay() {
    // Given two years of sessions, all files but those of one day deleted
    for (int day = 0; day < 700; day += 50) {
      topic.click("ann", at(day - 700, 8), "home");
    }
    run();
    run("bob", at(20, 8));
    spark.sql(
        "CREATE OR REPLACE TEMPORARY VIEW kept AS SELECT file_path FROM "
            + names.sessions()
            + ".files WHERE partition.session_start_day NOT IN (date'2024-03-03', date'2024-04-22')");
    spark.table("kept").collectAsList().forEach(file -> delete(file.getString(0)));
    // When an event of that day comes
    topic.click("ann", at(-700, 8) + MINUTE, "late");
    // Then no other file is needed
    assertEquals(1, run().sessions().changed());
  }

  @Test
  void aChainOfSessionsOverMidnightsIsFoundToItsEnd() {
    // Given a user who never pauses for four days: sessions of two hours each
    for (long time = at(1, 0); time < at(5, 0); time += 20 * MINUTE) {
      topic.click("bot", time, "home");
    }
    topic.click("bot", at(8, 0), "home");
    run();
    run("ann", at(10, 8));
    // When an event before the first one moves the cuts of all
    topic.click("bot", at(1, 0) - 10 * MINUTE, "late");
    BatchReport report = run();
    // Then all of them are restated
    assertTrue(report.sessions().changes() > 40, report.toString());
    assertEqualToOracle();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void rowsAreDeletedAgainAndAgainAsTheFormatAsks(int version) {
    spark.sql(
        "ALTER TABLE "
            + names.sessions()
            + " SET TBLPROPERTIES ('format-version'='"
            + version
            + "')");
    for (int user = 0; user < 4; user++) {
      for (int i = 0; i < 3; i++) {
        topic.click("user" + user, at(1, 8 + 2 * i), "home");
      }
    }
    run();
    run("ann", at(8, 8));
    // When late events change rows of one file in three runs
    for (int i = 0; i < 3; i++) {
      topic.click("user1", at(1, 8 + 2 * i) + MINUTE, "late");
      topic.click("user2", at(1, 9 + 2 * i), "alone");
      BatchReport report = run();
      assertEquals(1, report.sessions().changed(), i + " " + report);
      assertEqualToOracle();
    }
    // Then each of the two data files has one delete file, in the form of the version
    assertEquals(
        2,
        count(
            "SELECT count(*) FROM ${sessions}.delete_files WHERE file_format = '"
                + (version == 3 ? "PUFFIN" : "PARQUET")
                + "'"));
    assertEquals("overwrite", operation());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REPLACE PARTITION FIELD days(session_start) WITH hours(session_start)",
        "ADD PARTITION FIELD bucket(4, uuid)"
      })
  void aTableOfAnotherPartitioningIsReadAndWritten(String change) {
    topic.click("ann", at(1, 8), "home");
    run();
    spark.sql("ALTER TABLE " + names.sessions() + " " + change);
    for (int user = 0; user < 9; user++) {
      topic.click("user" + user, at(user % 3, 8 + user), "home");
    }
    run("bob", at(8, 8));
    topic.click("ann", at(1, 8) + MINUTE, "late");
    topic.click("user4", at(1, 12) + MINUTE, "late");
    assertEquals(2, run().sessions().changed());
    assertEqualToOracle();
  }

  @Test
  void aRowThatWasInsertedTwiceBecomesOne() {
    topic.click("ann", at(1, 8), "home");
    run();
    run("bob", at(8, 8));
    spark.sql(
        "INSERT INTO "
            + names.sessions()
            + " SELECT * FROM "
            + names.sessions()
            + " WHERE uuid = 'ann'");
    assertEquals(2, count("SELECT count(*) FROM ${sessions} WHERE uuid = 'ann'"));
    topic.click("ann", at(1, 8), "home");
    assertEquals(1, run().sessions().changed());
    assertEqualToOracle();
  }

  @Test
  void aChangedRowKeepsTheValueOfAUserAddedColumn() {
    spark.sql("ALTER TABLE " + names.sessions() + " ADD COLUMNS (note STRING, published STRING)");
    topic.click("ann", at(1, 8), "home");
    run();
    run("bob", at(8, 8));
    spark.sql(
        "UPDATE " + names.sessions() + " SET note = 'kept', published = 'no' WHERE uuid = 'ann'");
    run("cat", at(9, 8));
    topic.click("ann", at(1, 8) + MINUTE, "late");
    run();
    assertEqualToOracle();
    assertEquals(
        1, count("SELECT count(*) FROM ${sessions} WHERE note = 'kept' AND published = 'no'"));
  }

  @Test
  void aRowWithAnAlteredEndIsRepaired() {
    topic.click("ann", at(1, 8), "home");
    run();
    run("bob", at(8, 8));
    spark.sql(
        "UPDATE "
            + names.sessions()
            + " SET session_end_time_ms = 9223372036854775807 WHERE uuid = 'ann'");
    topic.click("ann", at(1, 8) + MINUTE, "late");
    run();
    assertEqualToOracle();
  }

  @Test
  void aColumnThatWasAddedSinceTheLastCommitDoesNotStopARun() {
    topic.click("ann", at(1, 8), "home");
    run();
    run("bob", at(8, 8));
    spark.sql("ALTER TABLE " + names.sessions() + " ADD COLUMN note STRING");
    topic.click("ann", at(1, 8) + MINUTE, "late");
    assertEquals(1, run().sessions().changed());
    assertEqualToOracle();
  }

  private static SparkListener countingBytes(AtomicLong read) {
    return new SparkListener() {
      @Override
      public void onTaskEnd(SparkListenerTaskEnd end) {
        read.addAndGet(end.taskMetrics().inputMetrics().bytesRead());
      }
    };
  }

  private static long at(int day, int hour) {
    return FIRST_DAY.plus(Duration.ofDays(day)).toEpochMilli() + hour * HOUR;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  private BatchReport run(String user, long timeMs) {
    topic.click(user, timeMs, "home");
    return run();
  }

  private BatchReport run() {
    Offsets from = new SessionTables(spark, names).base().next().orElse(TestTopic.BEGIN);
    return new Batch<>(new SparkStore(spark, job), job, CrashPoint.Probe.NONE)
        .run(topic.since(from));
  }

  private void assertEqualToOracle() {
    assertEquals(Oracle.sessions(topic.clicks(), Rules.DEFAULT), TestSpark.live(names));
  }

  private long count(String query) {
    return spark.sql(query.replace("${sessions}", names.sessions())).head().getLong(0);
  }

  private String operation() {
    return new SessionTables(spark, names).sessionsTable().currentSnapshot().operation();
  }

  private static void delete(String file) {
    assertTrue(new File(URI.create(file).getPath()).delete(), file);
  }
}

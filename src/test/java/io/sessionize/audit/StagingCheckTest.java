package io.sessionize.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.Batch;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkStore;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Errors in staging, which a batch that changes some rows of it would keep. */
class StagingCheckTest {
  private static final long START = Instant.parse("2026-03-01T22:00:00Z").toEpochMilli();
  private static final long NOW = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();
  private static final long MINUTE = 60_000;

  /** Users whose closed session a late event opens again. */
  private static final List<String> PUBLISHED = List.of("twice", "copies", "both");

  private final SparkSession spark = TestSpark.session();
  private final TableNames names = TestSpark.uniqueNames();
  private final SessionTables tables = new SessionTables(spark, names);
  private final Job job = TestSpark.job(names, Rules.DEFAULT, NOW);
  private final TestTopic topic = new TestTopic(NOW);

  @Test
  void brokenRowsOfStagingAreReportedWithTheirInvariant() {
    tables.create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
    PUBLISHED.forEach(user -> topic.click(user, START, "home"));
    topic.click("clock", START + 60 * MINUTE, "home");
    run();
    PUBLISHED.forEach(user -> topic.click(user, START + 29 * MINUTE, "home"));
    List.of("old", "again", "closed")
        .forEach(user -> topic.click(user, START + 55 * MINUTE, "home"));
    run();
    assertEquals(3, tables.base().progress().openPublished());
    assertEquals(Map.of(), violations());

    for (String user : List.of("twice", "again")) {
      byHand("INSERT INTO ${open} SELECT * FROM ${open} WHERE uuid = '" + user + "'");
    }
    byHand("UPDATE ${open} SET close_reason = 'boundary' WHERE uuid = 'copies'");
    byHand("UPDATE ${open} SET published = false WHERE uuid = 'both'");
    byHand(
        "UPDATE ${open} SET session_end_time_ms = session_end_time_ms - 3600000 WHERE uuid ="
            + " 'old'");
    byHand(
        "INSERT INTO ${sessions} SELECT "
            + String.join(", ", SessionRows.SESSION.fieldNames())
            + " FROM ${open} WHERE uuid = 'closed'");

    Map<String, Set<String>> found = violations();
    assertEquals(Set.of("id_twice"), found.get("twice"));
    assertEquals(Set.of("id_twice"), found.get("again"));
    assertEquals(Set.of("copies_differ"), found.get("copies"));
    assertEquals(Set.of("id_twice", "published_differs"), found.get("both"));
    assertEquals(Set.of("end_differs", "not_closed"), found.get("old"));
    assertEquals(Set.of("id_twice", "published_differs"), found.get("closed"));
    assertEquals(6, found.size(), found.toString());
    try (RecentCheck recent = check().ofLastRuns(1)) {
      assertEquals(found, byUser(recent.violations()));
    }
  }

  private void byHand(String statement) {
    spark.sql(statement.replace("${open}", names.open()).replace("${sessions}", names.sessions()));
  }

  private void run() {
    Offsets from = tables.base().next().orElse(TestTopic.BEGIN);
    new Batch<>(new SparkStore(spark, job), job, CrashPoint.Probe.NONE).run(topic.since(from));
  }

  private Check check() {
    return new Check(spark, names, recorded -> recorded);
  }

  private Map<String, Set<String>> violations() {
    return byUser(check().violations());
  }

  private static Map<String, Set<String>> byUser(Dataset<Row> violations) {
    Map<String, Set<String>> found = new TreeMap<>();
    for (Row row : violations.select("uuid", "invariant").collectAsList()) {
      found.computeIfAbsent(row.getString(0), user -> new TreeSet<>()).add(row.getString(1));
    }
    return found;
  }
}

package io.sessionize.testing;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.sessionize.job.Job;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.ReadSession;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** One Spark session and one warehouse for all tests of a JVM; each test has its own tables. */
public final class TestSpark {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Path WAREHOUSE = temporaryFolder();
  private static final SparkSession SPARK =
      SparkSessions.start(
          WAREHOUSE.toString(),
          Map.of(
              "spark.master", "local[2]",
              "spark.driver.bindAddress", "127.0.0.1",
              // The plans of so many tests in one process
              "spark.sql.codegen.cache.maxEntries", "2000",
              "spark.sql.shuffle.partitions", "2"));

  private TestSpark() {}

  public static SparkSession session() {
    return SPARK;
  }

  public static Path warehouse() {
    return WAREHOUSE;
  }

  /** Unique table names. */
  public static TableNames uniqueNames() {
    return new TableNames("local", "sessions", "t" + COUNT.incrementAndGet());
  }

  /** A job with the default rules and a fixed clock. */
  public static Job job(TableNames names, Rules rules, long nowMs) {
    return job(names, rules, null, nowMs);
  }

  public static Job job(TableNames names, Rules rules, Duration lateHorizon, long nowMs) {
    return new Job(
        names, rules, Duration.ofMinutes(10), lateHorizon, Duration.ofMinutes(10), () -> nowMs);
  }

  /**
   * The rows of the live view by session id; fails if an id occurs twice, or an open session has a
   * close reason. It gets those of staging, so that tests can compare them.
   */
  public static Map<String, Session> live(TableNames names) {
    Map<String, Row> reasons = new TreeMap<>();
    for (Row row :
        SPARK
            .table(names.open())
            .select("session_id", "close_reason", "boundary_rule")
            .collectAsList()) {
      reasons.put(row.getString(0), row);
    }
    List<Row> rows = new ArrayList<>();
    for (Row row : SPARK.table(names.live()).collectAsList()) {
      Object[] values = new Object[SessionRows.SESSION.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = row.getAs(SessionRows.SESSION.fieldNames()[i]);
      }
      if (row.<Boolean>getAs("is_open")) {
        assertNull(values[SessionRows.CLOSE_REASON]);
        assertNull(values[SessionRows.BOUNDARY_RULE]);
        Row staged = reasons.get(row.<String>getAs("session_id"));
        values[SessionRows.CLOSE_REASON] = staged.getString(1);
        values[SessionRows.BOUNDARY_RULE] = staged.getString(2);
      }
      rows.add(RowFactory.create(values));
    }
    return sessions(names.live(), rows);
  }

  /** The sessions of a table or view; fails if the columns of a row disagree with its events. */
  public static Map<String, Session> sessions(String table) {
    return sessions(table, SPARK.table(table).select(SessionRows.columns()).collectAsList());
  }

  private static Map<String, Session> sessions(String table, List<Row> rows) {
    Map<String, Session> sessions = new TreeMap<>();
    for (Row row : rows) {
      if (!ReadSession.published(row).intact()) {
        throw new AssertionError("Columns and events do not agree: " + row);
      }
      if (sessions.put(row.getString(1), ReadSession.session(row)) != null) {
        throw new AssertionError("Twice in " + table + ": " + row.getString(1));
      }
    }
    return sessions;
  }

  private static Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("sessionize-test-");
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(folder.toFile())));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

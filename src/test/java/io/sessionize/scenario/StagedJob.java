package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.spark.StagingPolicy;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.sql.Row;

/**
 * A job in continuous mode with tables and a topic of its own, for {@link
 * StagingHistoryScenarioTest}.
 */
final class StagedJob implements AutoCloseable {
  /** After a crash, and a conflict with a compaction. */
  private static final int MOST_ATTEMPTS = 3;

  private final Scenario scenario;
  private final LongSupplier clock;
  private FollowingRun<?> run;
  private CrashPoint point;
  private Runnable action;
  private Scenario.Snapshots saved;

  /**
   * @param policy whether its batches change or replace staging
   * @param horizon its late horizon
   */
  StagedJob(StagingPolicy policy, Duration horizon, LongSupplier clock) {
    this.scenario = new Scenario(2).staging(policy).lateHorizon(horizon);
    this.clock = clock;
  }

  Scenario scenario() {
    return scenario;
  }

  /** Lets the next pass begin as a new process, with the settings of the scenario. */
  void renew() {
    close();
    run = null;
  }

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Executes an action once, when the next batch has passed this point. */
  void beside(CrashPoint passed, Runnable once) {
    point = passed;
    action = once;
  }

  /** Crashes the next batch at this point. */
  void crashAt(CrashPoint passed) {
    beside(
        passed,
        () -> {
          throw new Crash();
        });
  }

  private void passed(CrashPoint reached) {
    if (reached == point) {
      point = null;
      action.run();
    }
  }

  /** Reads to the end of the topic; after a crash or a conflict, in another attempt. */
  BatchReport pass() {
    if (run == null) {
      run = scenario.following(clock, this::passed);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        BatchReport done = run.execute(() -> false);
        point = null;
        return done;
      } catch (Crash | Failure e) {
        boolean mayEnd = !(e instanceof Failure failed) || failed.kind() == Failure.Kind.CONFLICT;
        if (!mayEnd || attempt == MOST_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  Table staging() {
    return scenario.tables().load(scenario.names().open());
  }

  /** Whether the newest commit of staging has deleted single rows. */
  boolean hasChanged() {
    return staging().currentSnapshot().summary().containsKey("added-delete-files");
  }

  /** Rewrites some files of staging, as another engine does. */
  void compactStaging(Random random) {
    Table staging = staging();
    SparkActions actions = SparkActions.get(TestSpark.session());
    if (random.nextBoolean()) {
      actions.rewritePositionDeletes(staging).option("rewrite-all", "true").execute();
    }
    if (random.nextBoolean()) {
      staging.refresh();
      actions.rewriteDataFiles(staging).option("rewrite-all", "true").execute();
    }
    if (random.nextBoolean()) {
      staging.refresh();
      actions.expireSnapshots(staging).expireOlderThan(Long.MAX_VALUE).retainLast(1).execute();
      saved = null;
    }
  }

  void maintain() {
    scenario.maintain();
    saved = null;
  }

  void save() {
    saved = scenario.snapshots();
  }

  void forgetSaved() {
    saved = null;
  }

  boolean hasSaved() {
    return saved != null;
  }

  /** Makes the saved snapshots of both tables the current ones. */
  void rollBack() {
    rollBack(scenario.names().sessions(), saved.sessions());
    rollBack(scenario.names().open(), saved.open());
    saved = null;
  }

  private void rollBack(String table, long snapshot) {
    scenario.byHand(
        String.format(
            "CALL local.system.set_current_snapshot('%s', %d)", TableNames.plain(table), snapshot));
  }

  /** All columns of all rows of both tables. */
  List<Map<String, String>> rows() {
    return List.of(rows(scenario.names().sessions()), rows(scenario.names().open()));
  }

  private static Map<String, String> rows(String table) {
    Map<String, String> rows = new TreeMap<>();
    for (Row row : TestSpark.session().table(table).collectAsList()) {
      assertEquals(null, rows.put(row.getAs("session_id"), row.toString()), table);
    }
    return rows;
  }

  /** What the summary of staging says of its rows. */
  List<Object> progress() {
    Base base = scenario.tables().base();
    return Arrays.asList(
        base.outOfSync(),
        base.open().count("open"),
        base.progress().openPublished(),
        base.progress().oldestOpenEndMs(),
        base.progress().watermark().publishedMs());
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
  }
}

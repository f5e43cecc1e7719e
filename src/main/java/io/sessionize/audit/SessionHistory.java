package io.sessionize.audit;

import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.sessionize.Failure;
import io.sessionize.history.ChangedRows;
import io.sessionize.history.ChangedRows.Step;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import io.sessionize.table.SessionTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Lists the changes of one session, commit by commit. */
public final class SessionHistory implements AutoCloseable {
  private static final Pattern ID = Pattern.compile("(.*)_session_(-?\\d{1,15})", Pattern.DOTALL);

  private static final String STOOD_BEFORE = "stood before";
  private static final String OPEN = "open now";

  private static final Duration DAY = Duration.ofDays(1);
  private static final long FEW_EVENTS = 100_000;

  private final ChangedRows changedRows;
  private final Dataset<Row> changed;
  private final Dataset<Row> rows;

  /**
   * Looks up one session in all kept commits. Runs Spark jobs.
   *
   * @param id column {@code session_id} of the tables
   * @throws Failure of usage, if it is not the id of a session
   */
  public SessionHistory(SparkSession spark, SessionTables tables, History history, String id) {
    Matcher parts = parts(id);
    List<Step> steps = new ArrayList<>();
    List<Commit> causes = new ArrayList<>();
    for (Commit commit : history.commits()) {
      if (steps.isEmpty() || !commit.movesOnly()) {
        // The first kept commit has no parent to compare with: it is the first one, or that
        // expired.
        steps.add(new Step(steps.isEmpty() ? null : commit.parent().orElse(null), commit.id()));
        causes.add(commit);
      }
    }
    changedRows = new ChangedRows(spark, tables);
    long startMs = Long.parseLong(parts.group(2));
    long aroundMs = neighbourhood(history).toMillis();
    Dataset<Row> read =
        changedRows.ofUser(steps, parts.group(1), startMs - aroundMs, startMs + aroundMs);
    changed = SessionChanges.of(read).persist(StorageLevel.DISK_ONLY());
    Dataset<Row> ofTheUser = localIfSmall(changed);
    Dataset<Row> changes =
        SessionChanges.withPairs(ofTheUser)
            .where(col("session_id").equalTo(lit(id)))
            .withColumn(Causes.CAUSE_STEP, col(STEP));
    Column before = lit(history.hasExpired()).and(col(STEP).equalTo(0));
    Dataset<Row> published =
        Causes.join(changes, causes)
            .withColumn("change", when(before, STOOD_BEFORE).otherwise(SessionChanges.kind()))
            .withColumn("event_count", SessionChanges.last("event_count"))
            .withColumn("columns", SessionChanges.columns(changes))
            .withColumn("cause", when(before, Causes.EXPIRED).otherwise(col("cause")))
            .select(Causes.after(STEP, "change", "event_count", "columns", "paired"));
    Dataset<Row> open =
        tables
            .open()
            .where(col("session_id").equalTo(lit(id)))
            .select(lit(Integer.MAX_VALUE).as(STEP), lit(OPEN).as("change"), col("event_count"));
    rows = published.unionByName(open, true).orderBy(STEP).drop(STEP).persist();
    if (rows.isEmpty()) {
      close();
      throw Failure.usage(
          "There is no session '%s', and there was none since %s, the start of the kept history.",
          id, history.commits().get(0).at());
    }
  }

  /**
   * Returns the changes as local rows, which are joined without a shuffle, if they hold few events.
   * The versions of a user's session can hold millions: these stay on the disks of the executors.
   */
  private static Dataset<Row> localIfSmall(Dataset<Row> changes) {
    Column events = coalesce(size(col("before.events")), lit(0));
    Column eventsAfter = coalesce(size(col("after.events")), lit(0));
    Row sum = changes.agg(coalesce(sum(events.plus(eventsAfter)), lit(0L))).head();
    return sum.getLong(0) > FEW_EVENTS
        ? changes
        : changes.sparkSession().createDataFrame(changes.collectAsList(), changes.schema());
  }

  /** Fails with a usage error if the text is not the id of a session. */
  public static void requireId(String id) {
    parts(id);
  }

  private static Matcher parts(String id) {
    Matcher parts = ID.matcher(id);
    if (!parts.matches()) {
      throw Failure.usage(
          "'%s' is not the id of a session: those are <uuid>_session_<start in milliseconds>.", id);
    }
    return parts;
  }

  /**
   * The greatest distance between the starts of sessions that share events: the longest maximum
   * duration of all recorded rules, at least a day.
   */
  static Duration neighbourhood(History history) {
    return history.commits().stream()
        .flatMap(commit -> commit.summary().stream())
        .map(RunSummary::rules)
        .distinct()
        .map(rules -> Rules.parse(rules).maxDuration())
        .reduce(DAY, (longest, next) -> longest.compareTo(next) > 0 ? longest : next);
  }

  /**
   * One row per commit that changed it, the oldest first: {@code change} (added, removed, changed;
   * {@code stood before} if the commit that added it has expired), {@code event_count, columns,
   * paired, cause, at, command, run, offsets, watermark, snapshot} as {@link Diff#rows} has them.
   * One more row, {@code open now}, if the session is in staging.
   */
  public Dataset<Row> rows() {
    return rows;
  }

  @Override
  public void close() {
    rows.unpersist();
    changed.unpersist();
    changedRows.close();
  }
}

package io.sessionize.audit;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.offsets.Offsets;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Lists the runs that changed the sessions table, and all other commits. */
public final class RunLog {
  private static final double MILLISECONDS = 1000.0;
  private static final String TABLES_MADE = "tables made";
  private static final StructType LINE =
      new StructType()
          .add("at", DataTypes.TimestampType)
          .add("what", DataTypes.StringType)
          .add("offsets", DataTypes.StringType)
          .add("watermark", DataTypes.TimestampType)
          .add("added", DataTypes.LongType)
          .add("changed", DataTypes.LongType)
          .add("removed", DataTypes.LongType)
          .add("late", DataTypes.LongType)
          .add("rejected", DataTypes.LongType)
          .add("seconds", DataTypes.DoubleType)
          .add("snapshot", DataTypes.LongType)
          .add("run", DataTypes.StringType);

  private RunLog() {}

  /**
   * One row per run, the newest first: {@code at} (its last commit), {@code what} (its command, or
   * the kind of commit), {@code offsets} read, {@code watermark} after it, sessions {@code added,
   * changed, removed}, events {@code late} (of runs only), records {@code rejected}, {@code
   * seconds}, {@code snapshot} (its last one), {@code run}. Other commits have only at, what and
   * snapshot.
   */
  public static Dataset<Row> of(SparkSession spark, History history) {
    List<Row> lines = new ArrayList<>();
    List<Commit> run = new ArrayList<>();
    for (Commit commit : history.commits()) {
      if (!run.isEmpty() && !run.get(0).isOfSameRun(commit)) {
        lines.add(0, line(run));
        run.clear();
      }
      run.add(commit);
    }
    lines.add(0, line(run));
    return spark.createDataFrame(lines, LINE);
  }

  private static Row line(List<Commit> batches) {
    Commit last = batches.get(batches.size() - 1);
    Timestamp at = Timestamp.from(last.at());
    if (last.summary().isEmpty()) {
      return RowFactory.create(
          at, last.what(), null, null, null, null, null, null, null, null, last.id(), null);
    }
    List<RunSummary> runs = batches.stream().map(batch -> batch.summary().orElseThrow()).toList();
    RunSummary end = runs.get(runs.size() - 1);
    boolean isFirst = end.counts().isEmpty();
    return RowFactory.create(
        at,
        isFirst ? TABLES_MADE : work(runs),
        offsets(batches),
        Causes.watermark(end),
        count(runs, "sessions_added"),
        count(runs, "sessions_changed"),
        count(runs, "sessions_removed"),
        // Backfills of older versions recorded the age of their events as lateness.
        end.work().equals(Work.RUN) ? count(runs, "late") : null,
        count(runs, "rejected"),
        count(runs, "milliseconds_to_restate") / MILLISECONDS,
        last.id(),
        end.run().orElse(null));
  }

  private static String work(List<RunSummary> runs) {
    return runs.stream()
        .map(RunSummary::work)
        .reduce((earlier, later) -> later.after(earlier))
        .orElseThrow()
        .toString();
  }

  /** The offsets that the batches read together; null if none reached its commit point. */
  private static String offsets(List<Commit> batches) {
    Offsets from = Offsets.NONE;
    Offsets to = Offsets.NONE;
    for (Commit batch : batches) {
      if (batch.progress().isPresent()) {
        from = from.orElse(batch.progress().get().from());
        to = to.atLeast(batch.progress().get().to());
      }
    }
    return batches.stream().anyMatch(batch -> batch.progress().isPresent())
        ? Causes.offsets(from, to)
        : null;
  }

  private static long count(List<RunSummary> batches, String name) {
    return batches.stream().mapToLong(batch -> batch.count(name)).sum();
  }
}

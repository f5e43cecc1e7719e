package io.sessionize.audit;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.sessionize.history.Commit;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Adds to each changed session the commit that changed it, and the cause: the kind of work. */
final class Causes {
  /** The column with the step of the commit that changed the session; null if it has expired. */
  static final String CAUSE_STEP = "cause_step";

  /** The columns that {@link #join} adds. */
  private static final List<String> COLUMNS =
      List.of("cause", "at", "command", "run", "offsets", "watermark", "snapshot");

  /** The cause of a change whose snapshot is no longer kept. */
  static final String EXPIRED = "expired";

  private static final String CLOSED = "closed";
  private static final String LATE_EVENT = "late event";
  private static final String EXTERNAL_COMMIT = "external commit";
  private static final String RUN = "run";
  private static final StructType COMMIT =
      new StructType()
          .add(CAUSE_STEP, DataTypes.IntegerType)
          .add("at", DataTypes.TimestampType)
          .add("command", DataTypes.StringType)
          .add("run", DataTypes.StringType)
          .add("offsets", DataTypes.StringType)
          .add("watermark", DataTypes.TimestampType)
          .add("snapshot", DataTypes.LongType)
          .add("work", DataTypes.StringType)
          .add("closes_from_ms", DataTypes.LongType);

  private Causes() {}

  /**
   * Adds {@code cause, at, command, run, offsets, watermark, snapshot}.
   *
   * @param changes {@link SessionChanges} with pairs and a {@link #CAUSE_STEP}
   * @param commits by their step
   */
  static Dataset<Row> join(Dataset<Row> changes, List<Commit> commits) {
    List<Row> rows = new ArrayList<>();
    for (int step = 0; step < commits.size(); step++) {
      rows.add(row(step, commits.get(step)));
    }
    // A new session that ends earlier should have been closed by a previous run: late events made
    // it.
    Column closedInTime =
        col("before")
            .isNull()
            .and(col("paired").isNull())
            .and(col("after.session_end_time_ms").geq(col("closes_from_ms")));
    Column cause =
        when(col("work").notEqual(RUN), col("work"))
            .when(closedInTime, CLOSED)
            .when(col("work").isNotNull(), LATE_EVENT);
    return changes
        .join(
            broadcast(changes.sparkSession().createDataFrame(rows, COMMIT)),
            new String[] {CAUSE_STEP},
            "left")
        .withColumn("cause", coalesce(cause, lit(EXPIRED)));
  }

  /** The given columns, followed by those that {@link #join} adds. */
  static Column[] after(String... columns) {
    return Stream.concat(Stream.of(columns), COLUMNS.stream())
        .map(name -> col(name))
        .toArray(Column[]::new);
  }

  private static Row row(int step, Commit commit) {
    RunSummary run = commit.summary().orElse(null);
    return RowFactory.create(
        step,
        Timestamp.from(commit.at()),
        commit.what(),
        run == null ? null : run.run().orElse(null),
        commit.progress().map(read -> offsets(read.from(), read.to())).orElse(null),
        run == null ? null : watermark(run),
        commit.id(),
        run == null ? EXTERNAL_COMMIT : run.work().command().text(),
        run == null ? null : closesFrom(run));
  }

  /** The earliest end of a session that the previous run left open. */
  private static long closesFrom(RunSummary run) {
    return run.watermarkBeforeMs()
        .map(before -> before - Rules.parse(run.rules()).timeoutMs())
        .orElse(Watermark.NONE);
  }

  /** The watermark after a run, or null before the first event. */
  static Timestamp watermark(RunSummary run) {
    return run.watermarkMs().map(Timestamp::new).orElse(null);
  }

  /**
   * The offsets that were read, {@code web:0:[100,200) web:1:[50,90)}; without partitions that had
   * no new records.
   */
  static String offsets(Offsets from, Offsets to) {
    Map<Partition, Long> read = new TreeMap<>(to.only(from).next());
    read.entrySet().removeIf(last -> last.getValue() <= from.next().get(last.getKey()));
    Offsets end = new Offsets(read);
    return new OffsetRange(from.only(end), end).toString();
  }
}

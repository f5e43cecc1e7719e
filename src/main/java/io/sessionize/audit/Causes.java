package io.sessionize.audit;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.sessionize.history.Commit;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Why sessions changed: the commits that did it, and what kind of work these were. */
final class Causes {
  /** The column that says which commit did it; null where that has expired. */
  static final String CAUSE_STEP = "cause_step";

  /** What {@link #join} adds. */
  private static final List<String> COLUMNS =
      List.of("cause", "at", "command", "run", "offsets", "watermark", "snapshot");

  /** Of a change whose snapshot is no longer kept. */
  static final String EXPIRED = "expired";

  private static final String CLOSED = "closed";
  private static final String LATE_EVENT = "late event";
  private static final String BY_OTHERS = "by others";
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
    // What ends earlier than this had its time before the run: events that came later made it.
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

  /** These columns, and after them those that {@link #join} adds. */
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
        run == null ? null : run.run(),
        run == null ? null : offsets(run.from(), run.to()),
        run == null ? null : watermark(run),
        commit.id(),
        run == null ? BY_OTHERS : run.command().split(" ")[0],
        run == null ? null : closesFrom(run));
  }

  /** The earliest end that a session can have which was not closed before this run. */
  private static long closesFrom(RunSummary run) {
    return run.watermarkBeforeMs() == Watermark.NONE
        ? Watermark.NONE
        : run.watermarkBeforeMs() - Rules.parse(run.rules()).timeoutMs();
  }

  /** The watermark after a run, or null before the first event. */
  static Timestamp watermark(RunSummary run) {
    long ms = run.watermark().publishedMs();
    return ms == Watermark.NONE ? null : new Timestamp(ms);
  }

  /** What was read, {@code 0:[100,200) 1:[50,90)}; partitions without anything new are left out. */
  static String offsets(Map<Integer, Long> from, Map<Integer, Long> to) {
    Offsets begin = new Offsets(from);
    Offsets end = new Offsets(to);
    Offsets read =
        new Offsets(
            end.only(begin).next().entrySet().stream()
                .filter(last -> last.getValue() > from.get(last.getKey()))
                .collect(Collectors.toMap(last -> last.getKey(), last -> last.getValue())));
    return new OffsetRange(begin.only(read), read).toString();
  }
}

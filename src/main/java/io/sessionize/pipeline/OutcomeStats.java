package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_date;
import static org.apache.spark.sql.functions.when;

import java.sql.Date;
import java.time.LocalDate;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a batch's outcomes add up to.
 *
 * @param added events that neither table held before
 * @param inserted sessions new in the sessions table
 * @param updated rows of the sessions table that change
 * @param deleted rows of the sessions table that go
 * @param changedEvents events of the rows that come or change
 * @param open sessions open after the batch
 * @param opened of them, those that were not open before
 * @param openEvents their events
 * @param openPublished of them, those that stand in the sessions table too
 * @param oldestOpenEndMs the earliest end among them, {@link Long#MAX_VALUE} where there is none
 * @param days UTC days under which changed rows lie or will lie
 */
record OutcomeStats(
    long added,
    long inserted,
    long updated,
    long deleted,
    long changedEvents,
    long open,
    long opened,
    long openEvents,
    long openPublished,
    long oldestOpenEndMs,
    TreeSet<LocalDate> days) {

  /** Rows of the sessions table that come, change or go. */
  long changed() {
    return inserted + updated + deleted;
  }

  /** Whether all that the sessions table needs is rows that it does not hold. */
  boolean isOnlyInserts() {
    return inserted > 0 && inserted == changed();
  }

  /** One pass over the outcomes. */
  static OutcomeStats of(Dataset<Row> outcomes) {
    Column changed = col("change").notEqual("NONE");
    Row row =
        outcomes
            .agg(
                coalesce(sum("added"), lit(0L)),
                countOf(col("change").equalTo("INSERT")),
                countOf(col("change").equalTo("UPDATE")),
                countOf(col("change").equalTo("DELETE")),
                eventsOf(changed),
                countOf(col("is_open")),
                countOf(col("is_open").and(col("carried").equalTo(false))),
                eventsOf(col("is_open")),
                countOf(col("is_open").and(col("published"))),
                coalesce(
                    min(when(col("is_open"), col("session_end_time_ms"))), lit(Long.MAX_VALUE)),
                collect_set(to_date(when(changed, col("session_start")))),
                collect_set(to_date(when(changed, col("stored_start")))))
            .head();
    TreeSet<LocalDate> days = new TreeSet<>();
    row.<Date>getList(10).forEach(day -> days.add(day.toLocalDate()));
    row.<Date>getList(11).forEach(day -> days.add(day.toLocalDate()));
    return new OutcomeStats(
        row.getLong(0),
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        days);
  }

  private static Column countOf(Column condition) {
    return count(when(condition, 1));
  }

  private static Column eventsOf(Column condition) {
    return coalesce(sum(when(condition, col("event_count"))), lit(0L));
  }
}

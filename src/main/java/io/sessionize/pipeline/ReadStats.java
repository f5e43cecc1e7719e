package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.to_date;
import static org.apache.spark.sql.functions.when;

import io.sessionize.session.Watermark;
import java.sql.Date;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a batch's decoded records show, a few numbers per partition and reason.
 *
 * @param records read
 * @param lateness of the records that hold an event, against the published watermark
 * @param rejected records by reason
 * @param rejectedDays UTC days of the rejected records' Kafka timestamps
 * @param greatest the greatest event time of each partition that had any event, epoch milliseconds
 * @param newestRecordMs the newest Kafka timestamp of a record that held an event
 */
record ReadStats(
    long records,
    Lateness lateness,
    Map<String, Long> rejected,
    TreeSet<LocalDate> rejectedDays,
    Map<Integer, Long> greatest,
    long newestRecordMs) {

  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  static final ReadStats NOTHING =
      new ReadStats(0, Lateness.NONE, Map.of(), new TreeSet<>(), Map.of(), Watermark.NONE);

  /** One pass over the decoded records. */
  static ReadStats of(Dataset<Row> decoded, long publishedMs) {
    long records = 0;
    Lateness lateness = Lateness.NONE;
    long newest = Watermark.NONE;
    Map<String, Long> rejected = new TreeMap<>();
    TreeSet<LocalDate> rejectedDays = new TreeSet<>();
    Map<Integer, Long> greatest = new TreeMap<>();
    for (Row row :
        decoded
            .groupBy(col("partition"), col("rejected.reason").as("reason"))
            .agg(
                count(lit(1)).as("records"),
                max("event_time_ms").as("greatest"),
                max("record_time_ms").as("newest"),
                collect_set(to_date(col("rejected.record_time"))).as("days"),
                before(publishedMs),
                before(publishedMs - HOUR_MS + 1),
                before(publishedMs - DAY_MS + 1))
            .collectAsList()) {
      records += row.getLong(2);
      if (row.isNullAt(1)) {
        greatest.put(row.getInt(0), row.getLong(3));
        newest = Math.max(newest, row.getLong(4));
        long late = row.getLong(6);
        long hour = row.getLong(7);
        long day = row.getLong(8);
        lateness = lateness.plus(new Lateness(row.getLong(2) - late, late - hour, hour - day, day));
      } else {
        rejected.merge(row.getString(1), row.getLong(2), Long::sum);
        row.<Date>getList(5).forEach(day -> rejectedDays.add(day.toLocalDate()));
      }
    }
    return new ReadStats(records, lateness, rejected, rejectedDays, greatest, newest);
  }

  private static Column before(long timeMs) {
    return count(when(col("event_time_ms").lt(timeMs), 1));
  }

  /** Records that hold an event, copies included. */
  long events() {
    return records - rejectedTotal();
  }

  long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }
}

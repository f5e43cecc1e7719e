package io.sessionize.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.table.Sql;
import java.sql.Date;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Adds the data about users and their sessions to the report: the queries in {@code sql/analytics}.
 * The results are bounded, so that the page stays small for any size of the tables.
 */
final class UserSection {
  /** Number of days on the page: a quarter of a year. */
  private static final int DAYS = 92;

  private static final int PAGES = 12;
  private static final int PAGE_LENGTH = 100;
  private static final int STEPS = 5;
  private static final String OTHER_PAGES = "(other pages)";

  private final SparkSession spark;
  private final String live;
  private final List<String> funnel;

  UserSection(SparkSession spark, String live, List<String> funnel) {
    this.spark = spark;
    this.live = live;
    this.funnel = funnel;
  }

  /**
   * Adds one member for each query. Runs Spark jobs.
   *
   * @return the first day that the report shows
   */
  LocalDate addTo(ObjectNode report) {
    Dataset<Row> days =
        query("sessions_per_day", LocalDate.EPOCH)
            .orderBy(col("day").desc())
            .limit(DAYS)
            .orderBy("day");
    // The collected list of days is local, so that the query does not run again for each use.
    List<Row> newest = days.collectAsList();
    LocalDate from =
        newest.isEmpty() ? LocalDate.EPOCH : newest.get(0).<Date>getAs("day").toLocalDate();
    report.put("most_days", DAYS);
    report.set("sessions_per_day", Columns.of(spark.createDataFrame(newest, days.schema())));
    for (String name :
        List.of(
            "sessions_per_hour",
            "session_durations",
            "session_lengths",
            "returning_users",
            "newest_sessions")) {
      report.set(name, Columns.of(query(name, from)));
    }
    report.set("funnel", Columns.of(funnel(from)));
    addPages(report, from);
    return from;
  }

  private void addPages(ObjectNode report, LocalDate from) {
    Dataset<Row> pages = query("entry_and_exit_pages", from).persist();
    try {
      List<Row> top =
          pages
              .groupBy("page")
              .agg(sum("sessions").as("sessions"))
              .orderBy(col("sessions").desc(), col("page"))
              .limit(PAGES)
              .collectAsList();
      Object[] shown = top.stream().map(row -> row.get(0)).toArray();
      report.set(
          "entry_and_exit_pages",
          Columns.of(
              pages
                  .groupBy(col("day"), shown("page", shown))
                  .agg(
                      sum("sessions").as("sessions"),
                      sum("entries").as("entries"),
                      sum("bounces").as("bounces"),
                      sum("exits").as("exits"))
                  .orderBy("day", "page")));
      report.set(
          "page_transitions",
          Columns.of(
              query("page_transitions", from)
                  .where(col("step").leq(STEPS))
                  .groupBy(
                      col("day"), col("step"), shown("from_page", shown), shown("to_page", shown))
                  .agg(sum("sessions").as("sessions"))
                  .orderBy("day", "step", "from_page", "to_page")));
    } finally {
      pages.unpersist();
    }
  }

  /**
   * Returns the page if it is one of the top pages, otherwise one name for all other pages; null
   * stays null.
   */
  private static Column shown(String column, Object[] top) {
    return when(col(column).isin(top), substring(col(column), 1, PAGE_LENGTH))
        .when(col(column).isNotNull(), lit(OTHER_PAGES))
        .as(column);
  }

  private Dataset<Row> funnel(LocalDate from) {
    Map<String, Object> steps = Map.of("funnel", funnel.toArray(String[]::new));
    return spark.sql(text("funnel", from), steps);
  }

  private Dataset<Row> query(String name, LocalDate from) {
    return spark.sql(text(name, from));
  }

  private String text(String name, LocalDate from) {
    return Sql.named("analytics/" + name).with("live", live).with("from", from.toString()).text();
  }
}

package io.sessionize.report;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.report.ColumnChoice.Measure;
import io.sessionize.table.Sql;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/**
 * Adds the data about session columns to the report. There is at most one row for each day, column
 * and named value, so that the page stays small for any number of columns and values.
 */
final class ColumnSection {
  private static final int VALUES = 12;
  private static final String OTHER_VALUES = "(other values)";
  private static final int REVENUE_DIGITS = 4;
  private static final List<String> SUMS =
      List.of("sessions", "bounced_known", "bounces", "key_events_known", "conversions", "revenue");

  private final SparkSession spark;
  private final String live;
  private final ColumnChoice choice;

  ColumnSection(SparkSession spark, String live, ColumnChoice choice) {
    this.spark = spark;
    this.live = live;
    this.choice = choice;
  }

  /** Adds the names of the columns, and one member for each query. Runs Spark jobs. */
  void addTo(ObjectNode report, LocalDate from) {
    ObjectNode columns = report.putObject("session_columns");
    ArrayNode texts = columns.putArray("texts");
    choice.texts().forEach(texts::add);
    columns.put("left_out", choice.leftOut());
    ArrayNode measures = columns.putArray("measures");
    choice.measures().forEach(measure -> measures.add(measure.column()));
    if (!choice.texts().isEmpty()) {
      report.set("breakdown", breakdown(from));
    }
    if (choice.measures().contains(Measure.KEY_EVENTS)
        || choice.measures().contains(Measure.REVENUE)) {
      report.set(
          "conversion_per_day",
          Columns.of(query("conversion_per_day", from).withColumn("revenue", shownRevenue())));
    }
  }

  private ObjectNode breakdown(LocalDate from) {
    Dataset<Row> all = query("breakdown", from).persist();
    try {
      Dataset<Row> top =
          all.where(col("value").isNotNull())
              .groupBy("position", "value")
              .agg(sum("sessions").as("sessions"))
              .withColumn(
                  "rank",
                  row_number()
                      .over(
                          Window.partitionBy("position")
                              .orderBy(col("sessions").desc(), col("value"))))
              .where(col("rank").leq(VALUES))
              .select(col("position"), col("value"), lit(true).as("is_named"));
      Column shown =
          when(col("value").isNull().or(col("is_named")), col("value")).otherwise(OTHER_VALUES);
      List<Column> sums = new ArrayList<>();
      SUMS.forEach(name -> sums.add(sum(name).as(name)));
      return Columns.of(
          all.join(broadcast(top), new String[] {"position", "value"}, "left")
              .groupBy(col("position"), col("day"), shown.as("value"))
              .agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
              .withColumn("revenue", shownRevenue())
              .orderBy("position", "day", "value"));
    } finally {
      all.unpersist();
    }
  }

  /** The order of a sum decides about its last digits. They also take half of its place. */
  private static Column shownRevenue() {
    Column revenue = col("revenue");
    return when(ColumnChoice.finite(revenue), round(revenue, REVENUE_DIGITS));
  }

  private Dataset<Row> query(String name, LocalDate from) {
    return spark.sql(
        Sql.named("analytics/" + name)
            .with("live", live)
            .with("from", from.toString())
            .with("columns", String.join(", ", choice.textNames()))
            .text());
  }
}

package io.sessionize.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.history.History;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Adds the data about runs, rejected records and table sizes to the report. */
final class OperatorSection {
  private final SparkSession spark;
  private final TableNames names;

  OperatorSection(SparkSession spark, TableNames names) {
    this.spark = spark;
    this.names = names;
  }

  /** Adds one member for each query. Runs Spark jobs. */
  void addTo(ObjectNode report, History history) {
    report.set("runs", Runs.of(history));
    report.set(
        "rejected",
        Columns.of(
            query("audit/rejected")
                .groupBy("reason")
                .agg(
                    sum("records").as("records"),
                    min("first_time").as("first_time"),
                    max("last_time").as("last_time"))
                .orderBy(col("records").desc(), col("reason"))));
    for (String name : List.of("lateness", "rejected_samples", "table_sizes")) {
      report.set(name, Columns.of(query("analytics/" + name)));
    }
  }

  private Dataset<Row> query(String name) {
    return spark.sql(Sql.named(name).with(names).text());
  }
}

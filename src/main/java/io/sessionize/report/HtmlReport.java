package io.sessionize.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.Failure;
import io.sessionize.history.History;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Makes the HTML report on the tables of one job. */
public final class HtmlReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LIVE = "sessionize_report_live";

  private final SparkSession spark;
  private final TableNames names;
  private final List<String> funnel;

  /**
   * Creates the report of these tables.
   *
   * @param funnel pages of the conversion funnel, in order
   */
  public HtmlReport(SparkSession spark, TableNames names, List<String> funnel) {
    this.spark = spark;
    this.names = names;
    this.funnel = funnel;
  }

  /**
   * Returns the page as HTML that needs no other file and no network. Runs Spark jobs.
   *
   * @param madeAt creation time, as shown on the page
   * @throws Failure as {@link SessionTables#base}
   */
  public String page(Instant madeAt) {
    return Template.REPORT.fill(data(madeAt));
  }

  /**
   * Returns the data of the page: one member for each query, in the form of {@link Columns}. Runs
   * Spark jobs.
   */
  ObjectNode data(Instant madeAt) {
    ObjectNode report = JSON.createObjectNode();
    report.put("table", TableNames.plain(names.sessions()));
    report.put("made_at", madeAt.toString());
    funnel.forEach(report.putArray("funnel_pages")::add);
    SessionTables tables = new SessionTables(spark, names);
    LiveRows live = LiveRows.of(spark, names, tables.base());
    ColumnChoice choice = ColumnChoice.of(live.sessionColumns());
    live.rows(choice).createOrReplaceTempView(LIVE);
    try {
      LocalDate from = new UserSection(spark, LIVE, funnel).addTo(report);
      new ColumnSection(spark, LIVE, choice).addTo(report, from);
    } finally {
      spark.catalog().dropTempView(LIVE);
    }
    new OperatorSection(spark, names).addTo(report, new History(tables));
    return report;
  }
}

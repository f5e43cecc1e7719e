package io.sessionize.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.Failure;
import io.sessionize.history.History;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.table.Sql;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The report on the tables of one job. */
public final class HtmlReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LIVE = "sessionize_report_live";

  private final SparkSession spark;
  private final TableNames names;
  private final List<String> funnel;

  /**
   * Of these tables.
   *
   * @param funnel the pages of a conversion, in their order
   */
  public HtmlReport(SparkSession spark, TableNames names, List<String> funnel) {
    this.spark = spark;
    this.names = names;
    this.funnel = funnel;
  }

  /**
   * The whole page: HTML that needs no other file and no network.
   *
   * @param madeAt what the page says about when it was made
   * @throws Failure as {@link SessionTables#base}
   */
  public String page(Instant madeAt) {
    return Template.fill(data(madeAt));
  }

  /** What the page draws: one member per query, in {@link Columns}. */
  ObjectNode data(Instant madeAt) {
    ObjectNode report = JSON.createObjectNode();
    report.put("table", TableNames.plain(names.sessions()));
    report.put("made_at", madeAt.toString());
    funnel.forEach(report.putArray("funnel_pages")::add);
    SessionTables tables = new SessionTables(spark, names);
    Base base = tables.base();
    live(base).createOrReplaceTempView(LIVE);
    try {
      new UserSide(spark, LIVE, funnel).addTo(report);
    } finally {
      spark.catalog().dropTempView(LIVE);
    }
    new OperatorSide(spark, names).addTo(report, new History(tables));
    return report;
  }

  /**
   * The live view of this report alone: pinned, so that its numbers agree while runs go on, and
   * there in a catalog without views too.
   */
  private Dataset<Row> live(Base base) {
    String view =
        Sql.named("schema/live")
            .with("sessions", names.sessions() + " VERSION AS OF " + base.sessionsSnapshot())
            .with("open", names.open() + " VERSION AS OF " + base.openSnapshot())
            .text();
    return spark.sql(view.substring(view.indexOf("SELECT")));
  }
}

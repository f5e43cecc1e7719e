package io.sessionize.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.audit.Comparison;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Makes the HTML page that shows a what-if beside the sessions of the table.
 *
 * @param rulesBefore that the tables record
 * @param rulesAfter of the what-if
 */
public record ComparisonPage(Comparison comparison, Rules rulesBefore, Rules rulesAfter) {
  /** Eleven years. Wrong clocks can make any number of days, and the page must stay small. */
  private static final int MOST_DAYS = 4_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Returns the page as HTML that needs no other file and no network. Runs Spark jobs.
   *
   * @param madeAt creation time, as shown on the page
   */
  public String page(Instant madeAt) {
    return Template.COMPARISON.fill(data(madeAt));
  }

  /** Returns the data of the page: one member for each query, in the form of {@link Columns}. */
  ObjectNode data(Instant madeAt) {
    ObjectNode data = JSON.createObjectNode();
    data.put("table", TableNames.plain(comparison.names().sessions()));
    data.put("made_at", madeAt.toString());
    data.put("rules_before", rulesBefore.shown());
    data.put("rules_after", rulesAfter.shown());
    data.set("totals", Columns.of(comparison.totals()));
    addDays(data);
    data.set("users", Columns.of(comparison.users()));
    ArrayNode columns = data.putArray("changed_columns");
    comparison.changedColumns().forEach((name, rows) -> columns.addArray().add(name).add(rows));
    return data;
  }

  private void addDays(ObjectNode data) {
    Dataset<Row> days = comparison.days();
    List<Row> rows = days.takeAsList(MOST_DAYS + 1);
    boolean isCut = rows.size() > MOST_DAYS;
    List<Row> shown = isCut ? rows.subList(0, MOST_DAYS) : rows;
    data.set("days", Columns.of(comparison.spark().createDataFrame(shown, days.schema())));
    data.put("has_more_days", isCut);
  }
}

package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.audit.RunLog;
import io.sessionize.history.History;
import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class RunsTest {
  private static final Instant WATERMARK = Instant.parse("2026-03-02T08:00:00Z");

  @Test
  void eachBatchIsARowAndAMaintenanceCommitIsNot() throws Exception {
    TableNames names = TestSessions.none();
    Table table = Spark3Util.loadIcebergTable(TestSpark.session(), names.sessions());
    commit(table, summary("a", 5));
    commit(table, summary("a", 9));
    Map<String, String> repeated = new TreeMap<>(summary("a", 9));
    repeated.put("sessionize.content-snapshot", "1");
    commit(table, repeated);
    commit(table, summary("b", 12));

    ObjectNode runs = Runs.of(new History(new SessionTables(TestSpark.session(), names)));
    assertEquals("[5,9,12]", runs.get("records").toString());
    assertEquals("[0,0,1]", runs.at("/run/rows").toString());
    assertEquals("[1.5,1.5,1.5]", runs.get("seconds").toString());
    assertEquals("[3,3,3]", runs.get("changed").toString());
    assertEquals("[1,1,1]", runs.get("removed").toString());
    assertEquals("[2,2,2]", runs.get("filtered").toString());
    assertEquals("[4,4,4]", runs.get("failed_columns").toString());
    assertEquals("[0,0,0]", runs.get("unfit").toString());
    assertEquals("[\"" + WATERMARK + "\"]", runs.at("/watermark/texts").toString());

    History history = new History(new SessionTables(TestSpark.session(), names));
    assertEquals(
        List.of("run 3", "maintenance null", "run 6", "tables made 0"),
        RunLog.of(TestSpark.session(), history).collectAsList().stream()
            .map(row -> row.getAs("what") + " " + row.getAs("changed"))
            .toList());

    Row lateness =
        TestSpark.session().sql(Sql.named("analytics/lateness").with(names).text()).head();
    assertEquals(3L, lateness.<Long>getAs("batches"));
    assertEquals(9L, lateness.<Long>getAs("sessions_changed"));
    assertEquals(3L, lateness.<Long>getAs("sessions_removed"));
  }

  private static void commit(Table table, Map<String, String> summary) {
    AppendFiles nothing = table.newAppend();
    summary.forEach(nothing::set);
    nothing.commit();
  }

  /** Returns the summary of a batch that has read this many records. */
  private static Map<String, String> summary(String run, long records) {
    Map<String, Long> counts =
        Map.of(
            "records", records,
            "sessions_changed", 3L,
            "sessions_removed", 1L,
            "filtered", 2L,
            "failed_columns", 4L,
            "milliseconds_to_restate", 1500L);
    return new RunSummary(
            new Origin("test", Optional.of(run), records, Work.RUN),
            Optional.of(new Settings(0, 0, Optional.empty(), "hash")),
            Optional.empty(),
            Optional.of(WATERMARK.toEpochMilli()),
            Rules.DEFAULT.text(),
            Optional.of(1L),
            Optional.empty(),
            counts,
            Optional.empty())
        .toProperties();
  }
}

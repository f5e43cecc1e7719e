package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.audit.RunLog;
import io.sessionize.history.History;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class RunsTest {
  @Test
  void eachBatchIsARowAndAMaintenanceCommitIsNot() {
    TableNames names = TestSessions.none();
    TestSessions.addRun(names, "a", 5);
    TestSessions.addRun(names, "a", 9);
    Map<String, String> repeated = new TreeMap<>(TestSessions.summary("a", 9));
    repeated.put("sessionize.content-snapshot", "1");
    TestSessions.commit(names, repeated);
    TestSessions.addRun(names, "b", 12);

    ObjectNode runs = Runs.of(new History(new SessionTables(TestSpark.session(), names)));
    assertEquals("[5,9,12]", runs.get("records").toString());
    assertEquals("[0,0,1]", runs.at("/run/rows").toString());
    assertEquals("[1.5,1.5,1.5]", runs.get("seconds").toString());
    assertEquals("[3,3,3]", runs.get("changed").toString());
    assertEquals("[1,1,1]", runs.get("removed").toString());
    assertEquals("[2,2,2]", runs.get("filtered").toString());
    assertEquals("[4,4,4]", runs.get("failed_columns").toString());
    assertEquals("[0,0,0]", runs.get("unfit").toString());
    assertEquals(
        "[\"" + TestSessions.RUN_WATERMARK + "\"]", runs.at("/watermark/texts").toString());

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
}

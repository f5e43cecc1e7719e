package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.testing.LogLines;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the log with Spark's own configuration, which prints INFO. */
class LoggingTest {
  private static final String USER = "ann-of-the-filter";

  @TempDir private Path folder;

  @Test
  void theUserOfAFilterIsNotPrinted() throws Exception {
    try (LogLines log = new LogLines(Level.INFO)) {
      Logging.configure(Arguments.parse(new StatusCommand(), List.of(), name -> null));
      filterInEachWay();
      assertFalse(log.with("INFO org.apache.spark.").isEmpty());
      assertFalse(log.with("INFO org.apache.iceberg.").isEmpty());
      assertEquals(List.of(), log.with(USER));
    }
  }

  private void filterInEachWay() throws Exception {
    SparkSession spark = TestSpark.session();
    String table = TestSpark.uniqueNames().sessions();
    spark.sql("CREATE NAMESPACE IF NOT EXISTS local.sessions");
    spark.sql("CREATE TABLE " + table + " USING iceberg AS SELECT 'bob' AS uuid, 1 AS n");
    Dataset<Row> rows = spark.table(table);
    find(rows);
    for (String mode : List.of("merge-on-read", "copy-on-write")) {
      spark.sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('write.delete.mode'='" + mode + "')");
      spark.sql("DELETE FROM " + table + " WHERE uuid = '" + USER + "' AND n + 1 > 1");
    }
    rows.limit(0).writeTo(table).overwrite(functions.col("uuid").equalTo(USER));
    String parquet = folder.resolve("rows").toString();
    rows.write().parquet(parquet);
    find(spark.read().parquet(parquet));
    find(rows.persist());
    rows.unpersist();
  }

  private static void find(Dataset<Row> rows) {
    assertEquals(0, rows.filter("uuid = '" + USER + "'").collectAsList().size());
  }
}

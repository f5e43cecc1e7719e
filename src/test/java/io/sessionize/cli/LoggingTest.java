package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches the log with Spark's own configuration, which prints INFO. */
class LoggingTest {
  private static final String USER = "ann-of-the-filter";

  @TempDir private Path folder;

  @Test
  void theUserOfAFilterIsNotPrinted() throws Exception {
    List<String> lines = listen();
    Logging.configure(Arguments.parse(new StatusCommand(), List.of(), name -> null));

    SparkSession spark = TestSpark.session();
    String table = TestSpark.uniqueNames().sessions();
    spark.sql("CREATE NAMESPACE IF NOT EXISTS local.sessions");
    spark.sql("CREATE TABLE " + table + " USING iceberg AS SELECT 'bob' AS uuid, 1 AS n");
    Dataset<Row> rows = spark.table(table);
    count(rows);
    for (String mode : List.of("merge-on-read", "copy-on-write")) {
      spark.sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('write.delete.mode'='" + mode + "')");
      spark.sql("DELETE FROM " + table + " WHERE uuid = '" + USER + "' AND n + 1 > 1");
    }
    rows.filter("uuid = '" + USER + "'")
        .writeTo(table)
        .overwrite(functions.col("uuid").equalTo(USER));
    rows.write().parquet(folder.resolve("rows").toString());
    count(spark.read().parquet(folder.resolve("rows").toString()));
    count(rows.persist());
    rows.unpersist();

    assertTrue(lines.stream().anyMatch(line -> line.startsWith("INFO org.apache.spark.")));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("INFO org.apache.iceberg.")));
    assertEquals(List.of(), lines.stream().filter(line -> line.contains(USER)).toList());
  }

  @AfterEach
  void configureAgain() {
    LoggerContext.getContext(false).reconfigure();
  }

  private static void count(Dataset<Row> rows) {
    assertEquals(0, rows.filter("uuid = '" + USER + "'").collectAsList().size());
  }

  private static List<String> listen() {
    List<String> lines = new CopyOnWriteArrayList<>();
    AbstractAppender appender =
        new AbstractAppender("lines", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(
                String.format(
                    "%s %s %s",
                    event.getLevel(),
                    event.getLoggerName(),
                    event.getMessage().getFormattedMessage()));
          }
        };
    appender.start();
    LoggerContext context = LoggerContext.getContext(false);
    context.getConfiguration().getRootLogger().getAppenders().keySet().stream()
        .toList()
        .forEach(context.getConfiguration().getRootLogger()::removeAppender);
    context.getConfiguration().getRootLogger().addAppender(appender, null, null);
    Configurator.setRootLevel(Level.INFO);
    return lines;
  }
}

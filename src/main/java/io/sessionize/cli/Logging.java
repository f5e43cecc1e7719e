package io.sessionize.cli;

import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;

/** Sets the log levels. The launcher configures the files (log4j2). */
final class Logging {
  /** The property that names the folder of the log. Only the launcher sets it. */
  static final String FOLDER = "sessionize.logs";

  /** As in the launcher's configuration. Before a session starts, spark-submit logs all of INFO. */
  private static final Map<String, Level> LIBRARIES =
      Map.of(
          "org.apache.kafka", Level.WARN,
          "org.apache.kafka.clients.admin.AdminClientConfig", Level.ERROR);

  /**
   * They print filters with their values at INFO, such as a user's id. Spark's own configuration
   * under spark-submit would show them.
   */
  private static final List<String> SHOW_FILTERS =
      List.of(
          "org.apache.spark.sql.execution.datasources.v2.V2ScanRelationPushDown",
          "org.apache.spark.sql.execution.datasources.v2.GroupBasedRowLevelOperationScanPlanning",
          "org.apache.spark.sql.execution.datasources.FileSourceStrategy",
          "org.apache.spark.sql.execution.columnar.DefaultCachedBatchSerializer",
          "org.apache.spark.sql.execution.WholeStageCodegenExec",
          "org.apache.iceberg.spark.source.SparkPositionDeltaWrite",
          "org.apache.iceberg.spark.source.SparkWrite",
          "org.apache.iceberg.shaded.org.apache.parquet.filter2.compat.FilterCompat",
          "org.apache.parquet.filter2.compat.FilterCompat");

  private Logging() {}

  static void configure(Arguments arguments) {
    String level = arguments.choice(Opt.LOG_LEVEL);
    Configurator.setLevel("io.sessionize", Level.toLevel(level.equals("WARNING") ? "WARN" : level));
    LIBRARIES.forEach(Logging::limit);
    SHOW_FILTERS.forEach(logger -> limit(logger, Level.WARN));
  }

  /** Sets the most that a logger prints, unless the user's configuration has a level for it. */
  private static void limit(String logger, Level most) {
    LoggerConfig configured =
        LoggerContext.getContext(false).getConfiguration().getLoggerConfig(logger);
    if (!configured.getName().equals(logger) && configured.getLevel().isLessSpecificThan(most)) {
      Configurator.setLevel(logger, most);
    }
  }
}

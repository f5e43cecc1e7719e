package io.sessionize.cli;

import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.trial.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * The conditions {@code where} of the topics of a definition.
 *
 * @param conditions compiled
 */
record TryConditions(EventFilter.Conditions conditions) implements Trial.Filter {

  /**
   * Returns the filter of a definition. It starts Spark, for its parser, if a topic has a
   * condition.
   *
   * @throws io.sessionize.Failure of usage, if a condition is wrong
   */
  static Trial.Filter of(Definition definition) throws IOException {
    if (definition.topics().values().stream().allMatch(topic -> topic.where() == null)) {
      return NONE;
    }
    Path warehouse = Files.createTempDirectory("sessionize-try-");
    try (SparkSession spark = SparkSessions.startEmbedded(warehouse, Map.of())) {
      return new TryConditions(EventFilter.of(spark, definition).compile());
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
  }

  @Override
  public List<Valid> keep(String topic, List<Valid> events) {
    return events.stream().filter(valid -> conditions.keep(topic, valid)).toList();
  }

  @Override
  public long failed() {
    return conditions.failed();
  }
}

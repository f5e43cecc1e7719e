package io.sessionize.cli;

import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.EventCondition;
import io.sessionize.trial.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/** The conditions {@code where} of the topics of a definition. */
final class TryConditions implements Trial.Filter {
  private final Map<String, EventCondition> byTopic;

  private TryConditions(Map<String, EventCondition> byTopic) {
    this.byTopic = byTopic;
  }

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
    Map<String, EventCondition> byTopic = new HashMap<>();
    try (SparkSession spark = SparkSessions.startEmbedded(warehouse, Map.of())) {
      definition
          .topics()
          .forEach(
              (name, topic) -> {
                if (topic.where() != null) {
                  byTopic.put(
                      name,
                      EventCondition.parse(spark, name, topic.where(), definition.properties()));
                }
              });
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
    return new TryConditions(byTopic);
  }

  @Override
  public List<Valid> keep(String topic, List<Valid> events) {
    EventCondition condition = byTopic.get(topic);
    return condition == null
        ? events
        : events.stream().filter(valid -> condition.holds(valid.uuid(), valid.event())).toList();
  }
}

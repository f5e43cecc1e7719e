package io.sessionize.cli;

import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.session.EventTests;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.spark.internal.RuleConditions;
import io.sessionize.trial.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * The conditions of the topics of a definition, and those of rules.
 *
 * @param where compiled; null if no topic has a condition
 * @param rules and their failures
 * @param tests the conditions of the rules, compiled
 */
record TryConditions(EventFilter.Conditions where, RuleConditions.Counted rules, EventTests tests)
    implements Trial.Filter {

  /**
   * Returns the conditions. It starts Spark, for its parser, if there is one.
   *
   * @throws io.sessionize.Failure of usage, if a condition is wrong
   */
  static TryConditions of(Definition definition, Rules rules) throws IOException {
    boolean hasWhere =
        definition.topics().values().stream().anyMatch(topic -> topic.where() != null);
    if (!hasWhere && rules.starts() == null && rules.ends() == null) {
      return new TryConditions(null, RuleConditions.Counted.NONE, EventTests.NONE);
    }
    Path warehouse = Files.createTempDirectory("sessionize-try-");
    try (SparkSession spark = SparkSessions.startEmbedded(warehouse, Map.of())) {
      RuleConditions.Counted counted = RuleConditions.of(spark, rules, definition).counted(spark);
      return new TryConditions(
          hasWhere ? EventFilter.of(spark, definition).compile() : null,
          counted,
          counted.compile());
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
  }

  @Override
  public List<Valid> keep(String topic, List<Valid> events) {
    return where == null
        ? events
        : events.stream().filter(valid -> where.keep(topic, valid)).toList();
  }

  @Override
  public long failed() {
    return (where == null ? 0 : where.failed()) + rules.failed();
  }
}

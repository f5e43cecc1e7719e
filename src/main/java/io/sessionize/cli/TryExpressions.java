package io.sessionize.cli;

import io.sessionize.column.GivenColumns;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.session.EventTests;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.spark.internal.RuleConditions;
import io.sessionize.spark.internal.SessionValues;
import io.sessionize.trial.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * The SQL of a definition: the conditions of its topics and of the rules, and the session columns.
 *
 * @param where compiled; null if no topic has a condition
 * @param rules and their failures
 * @param tests the conditions of the rules, compiled
 * @param columns of the sessions
 */
record TryExpressions(
    EventFilter.Conditions where,
    RuleConditions.Counted rules,
    EventTests tests,
    TryColumns columns)
    implements Trial.Filter {

  /**
   * Returns the expressions. It starts Spark, for its parser, if there is one.
   *
   * @throws io.sessionize.Failure of usage, if an expression is wrong
   */
  static TryExpressions of(Definition definition, Rules rules, GivenColumns columns)
      throws IOException {
    if (!hasWhere(definition)
        && !hasAny(columns)
        && rules.starts() == null
        && rules.ends() == null) {
      return new TryExpressions(
          null, RuleConditions.Counted.NONE, EventTests.NONE, TryColumns.NONE);
    }
    Path warehouse = Files.createTempDirectory("sessionize-try-");
    try (SparkSession spark = SparkSessions.startEmbedded(warehouse, Map.of())) {
      return of(spark, definition, rules, columns);
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
  }

  /** Returns the expressions, which need no Spark afterwards. */
  static TryExpressions of(
      SparkSession spark, Definition definition, Rules rules, GivenColumns columns) {
    RuleConditions.Counted counted = RuleConditions.of(spark, rules, definition).counted(spark);
    return new TryExpressions(
        hasWhere(definition) ? EventFilter.of(spark, definition).compile() : null,
        counted,
        counted.compile(),
        hasAny(columns)
            ? new TryColumns(SessionValues.of(spark, columns, definition.properties()))
            : TryColumns.NONE);
  }

  private static boolean hasWhere(Definition definition) {
    return definition.topics().values().stream().anyMatch(topic -> topic.where() != null);
  }

  private static boolean hasAny(GivenColumns columns) {
    return !columns.columns().isEmpty() || columns.web() != null;
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

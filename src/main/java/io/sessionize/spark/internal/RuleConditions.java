package io.sessionize.spark.internal;

import io.sessionize.event.Definition;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.EventTest;
import io.sessionize.session.EventTests;
import io.sessionize.session.Property;
import io.sessionize.session.Rules;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.util.LongAccumulator;

/** The conditions {@code starts} and {@code ends} of rules. */
public final class RuleConditions implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Conditions that were parsed before: each batch of a run uses the same. */
  private static final Map<Key, RuleConditions> PARSED = new ConcurrentHashMap<>();

  private final SqlExpression starts;
  private final SqlExpression ends;
  private final List<Property> properties;

  private record Key(String starts, String ends, List<Property> properties) {}

  private RuleConditions(SqlExpression starts, SqlExpression ends, List<Property> properties) {
    this.starts = starts;
    this.ends = ends;
    this.properties = properties;
  }

  /**
   * Parses and checks the conditions of rules, for events with the properties of a definition.
   *
   * @throws io.sessionize.Failure of usage, if one of them is wrong
   */
  public static RuleConditions of(SparkSession spark, Rules rules, Definition definition) {
    return of(spark, rules, RowSchemas.of(definition.properties()));
  }

  /**
   * Parses and checks the conditions of rules.
   *
   * @param schemas with the properties that they can name
   * @throws io.sessionize.Failure of usage, if one of them is wrong
   */
  public static RuleConditions of(SparkSession spark, Rules rules, RowSchemas schemas) {
    return PARSED.computeIfAbsent(
        new Key(rules.starts(), rules.ends(), schemas.properties()),
        key ->
            new RuleConditions(
                parsed(spark, "starts", rules.starts(), schemas),
                parsed(spark, "ends", rules.ends(), schemas),
                schemas.properties()));
  }

  private static SqlExpression parsed(
      SparkSession spark, String rule, String condition, RowSchemas schemas) {
    return condition == null
        ? null
        : EventCondition.parse(
            spark, "rule " + rule, condition, schemas.properties(), schemas.decoded());
  }

  /** The conditions for the tasks of one Spark job, whose failures are counted together. */
  public Counted counted(SparkSession spark) {
    return starts == null && ends == null
        ? Counted.NONE
        : new Counted(this, spark.sparkContext().longAccumulator());
  }

  /**
   * Conditions, and how often they have failed.
   *
   * @param conditions null for rules without any
   * @param failures null for rules without conditions
   */
  public record Counted(RuleConditions conditions, LongAccumulator failures)
      implements Serializable {

    /** Of rules without conditions. */
    public static final Counted NONE = new Counted(null, null);

    /** The compiled conditions, for one thread. One that fails on an event is false there. */
    public EventTests compile() {
      return conditions == null
          ? EventTests.NONE
          : new EventTests(
              conditions.compiled(conditions.starts, failures),
              conditions.compiled(conditions.ends, failures));
    }

    /** How often a condition has failed on an event. */
    public long failed() {
      return failures == null ? 0 : failures.sum();
    }
  }

  private EventTest compiled(SqlExpression condition, LongAccumulator failures) {
    if (condition == null) {
      return null;
    }
    BasePredicate compiled = condition.condition();
    SQLConf settings = SqlExpression.fixedSettings();
    DecodedRowWriter writer = new DecodedRowWriter(RowSchemas.of(properties));
    return (uuid, event) -> {
      Boolean matches =
          SqlExpression.evaluated(settings, compiled, writer.write(uuid, event, 0, event.timeMs()));
      if (matches == null) {
        failures.add(1);
      }
      return matches != null && matches;
    };
  }
}

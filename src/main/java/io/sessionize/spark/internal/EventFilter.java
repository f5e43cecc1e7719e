package io.sessionize.spark.internal;

import io.sessionize.event.Decoded;
import io.sessionize.event.Definition;
import io.sessionize.event.TopicDefinition;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Property;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.internal.SQLConf;

/** The conditions of a definition, by topic. */
public final class EventFilter implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Filters that were parsed before: each batch of a run uses the same. */
  private static final Map<Key, EventFilter> PARSED = new ConcurrentHashMap<>();

  private final Map<String, SqlExpression> byTopic;
  private final List<Property> columns;

  private record Key(Definition definition, List<Property> columns) {}

  private EventFilter(Map<String, SqlExpression> byTopic, List<Property> columns) {
    this.byTopic = byTopic;
    this.columns = columns;
  }

  /**
   * Parses and checks the conditions of a definition, for events with its own properties.
   *
   * @throws io.sessionize.Failure of usage, if one of them is wrong
   */
  public static EventFilter of(SparkSession spark, Definition definition) {
    return of(spark, definition, RowSchemas.of(definition.properties()));
  }

  /**
   * Parses and checks the conditions of a definition.
   *
   * @param schemas columns of the decoded rows
   * @throws io.sessionize.Failure of usage, if one of them is wrong
   */
  public static EventFilter of(SparkSession spark, Definition definition, RowSchemas schemas) {
    return PARSED.computeIfAbsent(
        new Key(definition, schemas.properties()), key -> parse(spark, definition, schemas));
  }

  private static EventFilter parse(SparkSession spark, Definition definition, RowSchemas schemas) {
    Map<String, SqlExpression> byTopic = new TreeMap<>();
    for (Map.Entry<String, TopicDefinition> topic : definition.topics().entrySet()) {
      String where = topic.getValue().where();
      if (where != null) {
        byTopic.put(
            topic.getKey(),
            EventCondition.parse(
                spark,
                "where of topic " + topic.getKey(),
                where,
                definition.properties(),
                schemas.decoded()));
      }
    }
    return new EventFilter(byTopic, schemas.properties());
  }

  /** The compiled conditions, for one task. */
  public Conditions compile() {
    return new Conditions();
  }

  /** Decides about events and counts failures. For one thread. */
  public final class Conditions {
    private final Map<String, BasePredicate> compiled = new HashMap<>();
    private final DecodedRowWriter writer = new DecodedRowWriter(RowSchemas.of(columns));
    private final SQLConf settings = SqlExpression.fixedSettings();
    private long failed;

    private Conditions() {
      byTopic.forEach((topic, condition) -> compiled.put(topic, condition.condition()));
    }

    /** Whether an event is kept. One on which the condition of its topic fails is not. */
    public boolean keep(String topic, Decoded.Valid event) {
      if (compiled.get(topic) == null) {
        return true;
      }
      long timeMs = event.event().timeMs();
      return keep(topic, writer.write(event.uuid(), event.event(), 0, timeMs));
    }

    /**
     * Whether an event is kept. One on which the condition fails is not.
     *
     * @param event a decoded row that holds an event
     */
    boolean keep(String topic, InternalRow event) {
      BasePredicate condition = compiled.isEmpty() ? null : compiled.get(topic);
      if (condition == null) {
        return true;
      }
      Boolean kept = SqlExpression.evaluated(settings, condition, event);
      failed += kept == null ? 1 : 0;
      return kept != null && kept;
    }

    /** On how many events a condition has failed. */
    public long failed() {
      return failed;
    }
  }
}

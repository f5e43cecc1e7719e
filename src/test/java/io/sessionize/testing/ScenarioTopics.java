package io.sessionize.testing;

import io.sessionize.event.GivenDefinition;
import io.sessionize.session.Oracle.Click;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The topics of a scenario: one, until others are added. */
public final class ScenarioTopics {
  private final TestBroker broker;
  private final List<ScenarioTopic> all = new ArrayList<>();
  private final Set<String> left = new TreeSet<>();
  private Set<String> dropped = Set.of();

  ScenarioTopics(TestBroker broker, int partitions) {
    this.broker = broker;
    add(partitions);
  }

  ScenarioTopic first() {
    return all.get(0);
  }

  /** Reads another topic too, from the next run on. */
  public ScenarioTopic add(int partitions) {
    ScenarioTopic other = new ScenarioTopic(broker, partitions);
    all.add(other);
    return other;
  }

  /** Reads this topic no longer. Without dropping it, the next run is refused. */
  public void leave(ScenarioTopic other, boolean drop) {
    left.add(other.name());
    dropped = drop ? Set.copyOf(left) : Set.of();
  }

  /** Reads a topic again that was left. */
  public void readAgain(ScenarioTopic other) {
    left.remove(other.name());
    dropped = Set.copyOf(left);
  }

  Set<String> dropped() {
    return dropped;
  }

  KafkaReadOptions source(Long maxOffsets, boolean failOnDataLoss, Map<String, String> settings) {
    Set<String> names = new TreeSet<>();
    all.forEach(topic -> names.add(topic.name()));
    names.removeAll(left);
    return first().source(maxOffsets, failOnDataLoss, settings).of(names);
  }

  /** The current state of the topics that are read, if they exist. */
  public KafkaTopics describe() {
    KafkaReadOptions source = source(null, true, Map.of());
    return KafkaTopics.find(source.connection(), source.topics());
  }

  /** The given definition; else the built-in mapping for several topics, or none for one. */
  GivenDefinition definition(GivenDefinition given) {
    if (given.given() != null || all.size() == 1) {
      return given;
    }
    return new GivenDefinition(
        TestDefinitions.ofTopics(all.stream().map(ScenarioTopic::name).toList()));
  }

  /** All valid clicks so far, also of topics that are no longer read. */
  List<Click> clicks() {
    return all.stream().flatMap(topic -> topic.clicks().stream()).toList();
  }
}

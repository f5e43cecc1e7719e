package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a command reads, as far as the command line says.
 *
 * @param options with the given topics, or the default one
 * @param isNamed whether topics are given; else those that the tables record replace the default
 *     one
 */
record GivenSource(KafkaReadOptions options, boolean isNamed) {

  static GivenSource of(KafkaReadOptions options, Arguments arguments) {
    return new GivenSource(options, DefinitionOptions.nameTopics(arguments));
  }

  /**
   * Asks Kafka for the topic before Spark starts.
   *
   * @throws Failure unreachable; of usage, if the given topic does not exist
   */
  void ask() {
    if (isNamed) {
      KafkaTopics.describe(options.connection(), options.topics());
    } else {
      KafkaTopics.find(options.connection(), options.topics());
    }
  }

  /**
   * How to read the topics of the tables.
   *
   * @param tables empty, if there are none yet
   * @param dropped topics that are no longer read
   * @throws Failure of usage, if no topic is left
   */
  KafkaReadOptions on(Optional<Base> tables, Set<String> dropped) {
    Set<String> recorded = tables.map(base -> base.progress().topics().keySet()).orElse(Set.of());
    if (isNamed || recorded.isEmpty()) {
      return options;
    }
    Set<String> read = new TreeSet<>(recorded);
    read.removeAll(dropped);
    if (read.isEmpty()) {
      throw Failure.usage(
          "--drop-topic names each topic of the tables (%s): give the topic that is to be read.",
          String.join(", ", recorded));
    }
    return options.of(read);
  }
}

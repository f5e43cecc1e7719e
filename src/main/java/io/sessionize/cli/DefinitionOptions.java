package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionContent;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.registry.RegistryFormats;
import io.sessionize.session.GivenRules;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the definition of the events, and the topic. If the file has one topic, {@code
 * --kafka-topic} gives it another name: so one file serves several environments.
 */
final class DefinitionOptions {
  private DefinitionOptions() {}

  /**
   * Reads the definition. A command without the option gives none.
   *
   * @throws Failure of usage, if the file is wrong, or if it has several topics and another one is
   *     given
   */
  static GivenDefinition read(Arguments arguments) {
    Definition definition = definition(arguments);
    return definition == null ? GivenDefinition.NONE : new GivenDefinition(definition);
  }

  /**
   * Returns the topics to read: that of the command line, else those of the definition, else the
   * default.
   *
   * @throws Failure as {@link #read}
   */
  static Set<String> topics(Arguments arguments) {
    Definition definition = definition(arguments);
    return definition == null
        ? Set.of(arguments.topic(Opt.KAFKA_TOPIC))
        : definition.topics().keySet();
  }

  /** Whether the command line names the topics. */
  static boolean nameTopics(Arguments arguments) {
    return arguments.has(Opt.KAFKA_TOPIC) || arguments.has(Opt.DEFINITION);
  }

  /**
   * Returns the definition that gives the keys of a file's lines; null if there is none. Its only
   * topic is the one to write to.
   *
   * @throws Failure of usage, if the file is wrong, or does not say how to read the lines
   */
  static Definition ofProducer(Arguments arguments) {
    Definition definition = file(arguments);
    if (definition == null) {
      return null;
    }
    if (!arguments.has(Opt.FROM_FILE)) {
      throw Failure.usage("--definition gives the keys of the lines of --from-file: give both.");
    }
    SortedMap<String, TopicDefinition> topics = definition.topics();
    String topic = arguments.has(Opt.TOPIC) ? arguments.topic(Opt.TOPIC) : topics.firstKey();
    boolean isOne = topics.size() == 1;
    if (!isOne && !(arguments.has(Opt.TOPIC) && topics.containsKey(topic))) {
      throw Failure.usage(
          "--definition has several topics: give --topic, one of %s.",
          String.join(", ", topics.keySet()));
    }
    TopicDefinition mapping = topics.get(isOne ? topics.firstKey() : topic);
    if (mapping.format() != TopicDefinition.Format.JSON) {
      throw Failure.usage(
          "--from-file has lines of JSON, but topic %s is %s.", topic, mapping.format().text());
    }
    return new Definition(
        definition.version(), new TreeMap<>(Map.of(topic, mapping)), definition.placeholders());
  }

  /**
   * Returns the session columns of the definition file; none without the option.
   *
   * @throws Failure of usage, if the file is wrong
   */
  static GivenColumns columns(Arguments arguments) {
    DefinitionContent content = arguments.definition();
    return content == null ? GivenColumns.NONE : content.columns();
  }

  private static Definition definition(Arguments arguments) {
    Definition definition = file(arguments);
    if (definition == null || !arguments.has(Opt.KAFKA_TOPIC)) {
      return definition;
    }
    if (definition.topics().size() > 1) {
      throw Failure.usage(
          "--definition has the topics %s: omit --kafka-topic, which can only rename a single one.",
          String.join(", ", definition.topics().keySet()));
    }
    return definition.boundTo(Set.of(arguments.topic(Opt.KAFKA_TOPIC)));
  }

  /**
   * Reads the file of {@code --definition}, and checks its registries; null without one.
   *
   * @throws Failure of usage, if the file is wrong
   */
  static Definition file(Arguments arguments) {
    DefinitionContent content = arguments.definition();
    if (content == null) {
      return null;
    }
    // Before the tables take it in
    RegistryFormats.check(content.definition());
    return content.definition();
  }

  /**
   * Reads the rules of the file of {@code --definition}. A command without the option gives none.
   *
   * @throws Failure of usage, if the file is wrong
   */
  static GivenRules rules(Arguments arguments) {
    DefinitionContent content = arguments.definition();
    return content == null ? GivenRules.NONE : content.rules();
  }
}

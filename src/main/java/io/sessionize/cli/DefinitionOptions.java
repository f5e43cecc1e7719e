package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionFile;
import io.sessionize.event.GivenDefinition;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

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
    Definition definition = definition(arguments, Opt.KAFKA_TOPIC);
    return definition == null ? GivenDefinition.NONE : new GivenDefinition(definition);
  }

  /**
   * Returns the topic to read: that of the command line, else that of the definition, else the
   * default.
   *
   * @throws Failure as {@link #read}
   */
  static String topic(Arguments arguments) {
    Definition definition = definition(arguments, Opt.KAFKA_TOPIC);
    if (definition == null) {
      return arguments.topic(Opt.KAFKA_TOPIC);
    }
    if (definition.topics().size() > 1) {
      throw Failure.usage("--definition has several topics: this command reads only one.");
    }
    return definition.topics().firstKey();
  }

  /**
   * Returns the definition for the topic that an option gives; null if there is none.
   *
   * @param topic option with the name of a topic
   * @throws Failure as {@link #read}
   */
  static Definition definition(Arguments arguments, Opt topic) {
    String file = arguments.text(Opt.DEFINITION);
    if (file == null) {
      return null;
    }
    Definition definition = DefinitionFile.read(path(file));
    if (!arguments.has(topic)) {
      return definition;
    }
    if (definition.topics().size() > 1) {
      throw Failure.usage(
          "--definition %s has the topics %s: omit --%s, which can only rename a single one.",
          file, String.join(", ", definition.topics().keySet()), topic.longName());
    }
    return definition.boundTo(Set.of(arguments.topic(topic)));
  }

  private static Path path(String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw Failure.usage("--definition %s is no name of a file.", file);
    }
  }
}

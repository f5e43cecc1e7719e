package io.sessionize.cli;

import io.sessionize.PropertiesFile;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;

/** Reads the options of {@link OptGroup#KAFKA}. It asks Kafka nothing. */
final class KafkaOptions {
  private KafkaOptions() {}

  /**
   * Reads how to connect to Kafka.
   *
   * @throws io.sessionize.Failure of usage, if the servers or the properties file are wrong
   */
  static KafkaConnection connection(Arguments arguments) {
    return KafkaConnection.of(
        arguments.text(Opt.KAFKA_SERVERS), SettingsFile.name(arguments, Opt.KAFKA_PROPERTIES));
  }

  /**
   * Reads the user of the schema registries, for a command that does not read Kafka.
   *
   * @throws io.sessionize.Failure of usage, if the properties file is wrong
   */
  static RegistrySettings registries(Arguments arguments) {
    String file = SettingsFile.name(arguments, Opt.KAFKA_PROPERTIES);
    return RegistrySettings.of(PropertiesFile.read("--kafka-properties", file));
  }

  /** Reads how to read ranges of offsets. Lost offsets end the command. */
  static KafkaReadOptions ranges(Arguments arguments) {
    return new KafkaReadOptions(
        connection(arguments), DefinitionOptions.topics(arguments), null, Long.MAX_VALUE, true);
  }

  /** Reads how a run reads its topics, with the options of {@link OptGroup#READING}. */
  static KafkaReadOptions run(Arguments arguments) {
    return new KafkaReadOptions(
        connection(arguments),
        DefinitionOptions.topics(arguments),
        arguments.number(Opt.MAX_OFFSETS_PER_TRIGGER),
        arguments.number(Opt.MAX_BYTES_PER_TRIGGER),
        Boolean.parseBoolean(arguments.choice(Opt.FAIL_ON_DATA_LOSS)));
  }
}

package io.sessionize.event.registry;

import io.sessionize.event.Definition;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.TopicDefinition.Format;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;

/** The formats of topics, with and without a schema registry. */
public final class RegistryFormats implements Function<TopicDefinition, RecordFormat> {
  private final Schemas schemas;
  private final Consumer<RegisteredSchema> used;

  /**
   * @param used gets each schema of a record that the tables have not recorded yet, once
   */
  public RegistryFormats(Schemas schemas, Consumer<RegisteredSchema> used) {
    this.schemas = schemas;
    this.used = used;
  }

  /**
   * Checks the registries and the readers' schemas of a definition.
   *
   * @throws io.sessionize.Failure of usage, if one cannot be used
   */
  public static void check(Definition definition) {
    for (TopicDefinition topic : definition.topics().values()) {
      if (topic.format() == Format.AVRO) {
        RegistrySettings.addresses(topic.registry());
        if (topic.schema() != null) {
          AvroReader.parse(topic.registry(), topic.schema());
        }
      }
    }
  }

  /**
   * Checks that no password is sent unencrypted to a registry of a definition.
   *
   * @throws io.sessionize.Failure of usage, if it would be
   */
  public static void requireEncrypted(Definition definition, RegistrySettings settings) {
    definition.topics().values().stream()
        .filter(topic -> topic.format() == Format.AVRO)
        .forEach(topic -> settings.requireEncrypted(topic.registry()));
  }

  /** Returns whether a topic of the definition has schemas of a registry. */
  public static boolean areUsedBy(Definition definition) {
    return definition.topics().values().stream().anyMatch(topic -> topic.format() == Format.AVRO);
  }

  @Override
  public RecordFormat apply(TopicDefinition topic) {
    return switch (topic.format()) {
      case JSON -> RecordFormat.json();
      case JSON_REGISTRY -> jsonAfterHeader();
      case AVRO -> {
        AvroReader reader = new AvroReader(topic.registry(), topic.schema(), schemas, used);
        yield reader::open;
      }
    };
  }

  /** JSON can be read without its schema, so that the registry is not asked. */
  private static RecordFormat jsonAfterHeader() {
    RecordFormat json = RecordFormat.json();
    return value -> {
      WireFormat.schemaId(value);
      return json.open(Arrays.copyOfRange(value, WireFormat.HEADER, value.length));
    };
  }
}

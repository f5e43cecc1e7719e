package io.sessionize.event.registry;

import io.sessionize.Failure;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * The schema by which a definition reads the records of a topic, whatever they are written with.
 */
public final class ReaderSchema {
  private ReaderSchema() {}

  /**
   * Parses a schema, and checks its names and defaults.
   *
   * @throws Failure of usage, if it is not an Avro schema
   */
  public static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (AvroRuntimeException e) {
      throw Failure.usage("The schema of the definition is not an Avro schema: %s", e.getMessage());
    }
  }
}

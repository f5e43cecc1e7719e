package io.sessionize.event.registry;

import com.fasterxml.jackson.core.JsonParser;
import io.sessionize.Failure;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.UnreadableException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Reads the Avro records of one topic, in the Confluent wire format, as JSON: see {@link
 * AvroRecord}. Each record may have another schema.
 *
 * <p>Not thread-safe: each task has its own.
 */
public final class AvroReader {
  private final String registry;
  private final Schema reader;
  private final Schemas schemas;
  private final Consumer<RegisteredSchema> used;

  /** By id: an {@link AvroRecord}, or the {@link UnreadableException} of all records of this id. */
  private final Map<Integer, Object> byId = new HashMap<>();

  /**
   * @param registry address of the registry
   * @param reader the reader's schema as JSON; null to read each record by its own schema
   * @param used gets each schema of a record that the tables have not recorded yet, once
   * @throws Failure of usage, if the reader's schema is not an Avro schema
   */
  public AvroReader(
      String registry, String reader, Schemas schemas, Consumer<RegisteredSchema> used) {
    this.registry = registry;
    this.reader = reader == null ? null : parse(registry, reader);
    this.schemas = schemas;
    this.used = used;
  }

  /**
   * Parses a reader's schema.
   *
   * @param registry of its topic, for the message
   * @throws Failure of usage, if it is not an Avro schema
   */
  static Schema parse(String registry, String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (AvroRuntimeException e) {
      // Avro's message may have the text, which is another file if the definition names a wrong
      // one.
      throw Failure.usage(
          "The schema of the topic with registry %s is not an Avro schema: correct schema in the definition.",
          registry);
    }
  }

  /**
   * Returns a parser of a record as JSON.
   *
   * @throws UnreadableException if it is not in the wire format or not of its schema, or the
   *     registry has no schema of its id
   * @throws Failure if the registry cannot be asked: it is not the record's fault
   */
  public JsonParser open(byte[] value) throws IOException {
    int id = WireFormat.schemaId(value);
    Object known = byId.get(id);
    if (known == null) {
      known = find(id);
      byId.put(id, known);
    }
    if (known instanceof UnreadableException unreadable) {
      throw unreadable;
    }
    return ((AvroRecord) known).open(value, WireFormat.HEADER);
  }

  private Object find(int id) {
    try {
      Optional<RegisteredSchema> found = schemas.find(registry, id);
      if (found.isEmpty()) {
        return new UnreadableException(
            Reason.UNKNOWN_SCHEMA, "the schema registry has no schema " + id);
      }
      if (!schemas.knows(found.get())) {
        used.accept(found.get());
      }
      Schema writer = RegistryClient.parser().parse(found.get().text());
      return new AvroRecord(writer, reader == null ? writer : reader);
    } catch (UnreadableException e) {
      return e;
    } catch (IOException | AvroRuntimeException e) {
      return UnreadableException.malformed(
          "its schema " + id + " cannot be read: " + e.getMessage());
    }
  }
}

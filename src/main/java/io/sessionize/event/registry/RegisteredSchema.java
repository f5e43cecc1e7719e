package io.sessionize.event.registry;

import java.io.Serializable;

/**
 * A schema of a registry.
 *
 * @param registry address of the registry, as the definition has it
 * @param id in that registry
 * @param text the Avro schema as JSON, with all types that it refers to; null if the tables have
 *     recorded only that they used it
 */
public record RegisteredSchema(String registry, int id, String text) implements Serializable {}

/**
 * Reads records in the Confluent wire format with the schemas of a registry. It uses {@code event}
 * and Avro; a decoded record is a sequence of JSON tokens, so that a mapping need not know its
 * format. Start reading at {@link io.sessionize.event.registry.AvroReader}.
 */
package io.sessionize.event.registry;

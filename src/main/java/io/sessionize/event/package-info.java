/**
 * Decodes Kafka records to events or reasons for their rejection, by a definition. It is plain Java
 * with Jackson and SnakeYAML, and uses only {@code session}. Start reading at {@link
 * io.sessionize.event.MappingDecoder}; {@link io.sessionize.event.DefinitionFile} reads definitions
 * and {@link io.sessionize.event.Limits} rejects by time.
 */
package io.sessionize.event;

/**
 * Decodes one Kafka record to an event or a reason for its rejection. It is plain Java with Jackson
 * and uses only {@code session}. Start reading at {@link io.sessionize.event.EventDecoder}; {@link
 * io.sessionize.event.Limits} rejects by time.
 */
package io.sessionize.event;

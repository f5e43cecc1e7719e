/**
 * User sessions from clickstream, exactly right.
 *
 * <p>Data flows one way: {@code source} (Kafka) to {@code event} (bytes to events) to {@code
 * session} (the core, plain Java) to {@code store} (Iceberg). {@code pipeline} joins them into one
 * batch; {@code cli} is the door.
 */
package io.sessionize;

/**
 * Sends test traffic to Kafka: generated journeys, or the lines of a file. It uses {@code source}
 * for the connection. Start reading at {@link io.sessionize.producer.Production}.
 */
package io.sessionize.producer;

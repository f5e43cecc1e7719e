/**
 * Realistic traffic and replays, into Kafka. Knows nothing of Spark or Iceberg.
 *
 * <p>A {@link io.sessionize.producer.Source source} (journeys or a file) hands out messages, a
 * {@link io.sessionize.producer.Pacer pacer} says when, a {@link io.sessionize.producer.KafkaSink
 * sink} sends them, and a {@link io.sessionize.producer.Production production} is the loop. Clock,
 * sleep and chance are arguments.
 */
package io.sessionize.producer;

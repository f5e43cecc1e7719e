/**
 * Connects to Kafka and describes a topic. It uses Kafka's clients and {@code offsets}. Start
 * reading at {@link io.sessionize.source.KafkaTopic}; {@link io.sessionize.source.Source} is what a
 * run reads from.
 */
package io.sessionize.source;

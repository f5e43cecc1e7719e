/** Kafka: the stream, offset ranges, and where the checkpoint stands. */
package io.sessionize.source;

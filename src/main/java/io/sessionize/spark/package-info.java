/**
 * Executes {@code job} on Spark, Kafka and Iceberg. It uses {@code table}, {@code row} and {@code
 * source}, and Spark's internals only through {@code spark.internal}. Start reading at {@link
 * io.sessionize.spark.SparkTransaction}; late events are looked up in {@link
 * io.sessionize.spark.AffectedUsers}.
 */
package io.sessionize.spark;

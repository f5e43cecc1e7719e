/**
 * Holds everything that touches Spark's internals, which may change with any release of Spark. It
 * uses {@code job}, {@code row} and the plain packages below them; only this package may import
 * Spark's internals. Start reading at {@link io.sessionize.spark.internal.InternalRows}.
 */
package io.sessionize.spark.internal;

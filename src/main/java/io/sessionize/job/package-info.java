/**
 * Implements run, backfill and recompute, and the commit protocol. It is plain Java: Spark and
 * Iceberg are behind {@link io.sessionize.job.Store} and {@link io.sessionize.source.Source}. Start
 * reading at {@link io.sessionize.job.Batch}; the commit order is in its method {@code publish}.
 */
package io.sessionize.job;

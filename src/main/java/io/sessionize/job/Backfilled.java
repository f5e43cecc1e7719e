package io.sessionize.job;

/**
 * What a backfill did, or would do.
 *
 * @param batch its numbers
 * @param preview what changes
 */
public record Backfilled(BatchReport batch, Preview preview) {}

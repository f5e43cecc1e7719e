package io.sessionize.job;

/**
 * The result of a backfill, or of its preview.
 *
 * @param batch counts and times
 * @param preview the changes
 */
public record Backfilled(BatchReport batch, Preview preview) {}

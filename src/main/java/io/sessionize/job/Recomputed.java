package io.sessionize.job;

/**
 * What a recomputation did.
 *
 * @param batch its numbers
 * @param before snapshot of the sessions table that it began with
 * @param after snapshot that holds the result; the same where nothing has changed
 */
public record Recomputed(BatchReport batch, long before, long after) {}

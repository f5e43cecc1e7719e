package io.sessionize.job;

/**
 * The result of a recompute.
 *
 * @param batch counts and times
 * @param before snapshot of the sessions table before it
 * @param after snapshot with the result; the same if nothing changed
 */
public record Recomputed(BatchReport batch, long before, long after) {}

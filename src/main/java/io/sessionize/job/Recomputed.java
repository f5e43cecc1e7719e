package io.sessionize.job;

import io.sessionize.session.Rules;

/**
 * The result of a recompute.
 *
 * @param batch counts and times
 * @param before snapshot of the sessions table before it
 * @param after snapshot with the result; the same if nothing changed
 * @param recorded rules that the tables recorded before it
 * @param rules of the result
 */
public record Recomputed(BatchReport batch, long before, long after, Rules recorded, Rules rules) {}

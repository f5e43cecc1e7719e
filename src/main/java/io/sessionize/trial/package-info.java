/**
 * Tries a definition on records, without tables and without Spark: what becomes of each record, and
 * which of its fields are not used. It uses {@code event} and {@code session}. Start reading at
 * {@link io.sessionize.trial.Trial}.
 */
package io.sessionize.trial;

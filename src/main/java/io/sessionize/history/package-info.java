/**
 * Reads the commits that led to the current tables, and rows as of past snapshots. It uses {@code
 * table} and {@code summary}. Start reading at {@link io.sessionize.history.History}.
 */
package io.sessionize.history;

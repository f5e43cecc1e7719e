/**
 * Models the state of the tables that a commit records: the summary of a run, the base of a batch,
 * and table names. It is plain Java and uses {@code session} and {@code offsets}. Start reading at
 * {@link io.sessionize.summary.RunSummary}.
 */
package io.sessionize.summary;

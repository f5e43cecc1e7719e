/**
 * Holds the state of the tables as a commit records it: names, the summary of a run, the base of a
 * batch. It is plain Java and uses {@code session} and {@code offsets}. Start reading at {@link
 * io.sessionize.summary.RunSummary}.
 */
package io.sessionize.summary;

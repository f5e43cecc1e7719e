/**
 * Reports what changed the tables, when and why, and checks their invariants. It reads {@code
 * history} and {@code table} and writes nothing. Start reading at {@link
 * io.sessionize.audit.RunLog}; {@code audit.proof} recomputes past runs.
 */
package io.sessionize.audit;

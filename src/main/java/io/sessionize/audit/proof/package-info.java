/**
 * Proves past runs: replays their batches from Kafka and compares the result with the tables. It
 * uses {@code spark} for the replay and {@code history} for the base of each batch, and writes
 * nothing. Start reading at {@link io.sessionize.audit.proof.Proof}.
 */
package io.sessionize.audit.proof;

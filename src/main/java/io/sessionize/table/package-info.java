/**
 * Creates, reads and commits the current state of the Iceberg tables. It uses {@code row} and
 * {@code summary}. Start reading at {@link io.sessionize.table.SessionTables}; {@link
 * io.sessionize.table.Branch} is how a batch commits.
 */
package io.sessionize.table;

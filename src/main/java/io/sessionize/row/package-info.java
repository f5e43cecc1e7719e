/**
 * Defines the columns of every row that the job reads or writes, and converts rows to events and
 * sessions. It uses Spark's public API and {@code session}. Start reading at {@link
 * io.sessionize.row.SessionRows}.
 */
package io.sessionize.row;

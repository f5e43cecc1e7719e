/**
 * The session columns: columns of a session that are functions of its own events. Start reading at
 * {@link io.sessionize.column.SessionColumn}. Uses {@code session}.
 */
package io.sessionize.column;

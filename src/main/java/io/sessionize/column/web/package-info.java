/**
 * The bundled set {@code web} of session columns, computed in one pass over a session. Start
 * reading at {@link io.sessionize.column.web.WebColumns}. Uses {@code session} and {@code column}.
 */
package io.sessionize.column.web;

/**
 * Text for people: escapes what a terminal would obey, lays out tables, and knows the terminal. It
 * uses no other package. Start reading at {@link io.sessionize.output.Printer}.
 */
package io.sessionize.output;

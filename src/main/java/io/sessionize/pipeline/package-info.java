/**
 * One batch, the commit protocol with its crash points written in it, and the run around it: where
 * it reads from, what it reports, and the Spark session that it works in.
 */
package io.sessionize.pipeline;

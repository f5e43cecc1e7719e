/**
 * Repeats a run at an interval, for months: it waits for services that are away, and measures how
 * fast the batches are. It uses {@code job} and plain Java. Start reading at {@link
 * io.sessionize.continuous.Loop}.
 */
package io.sessionize.continuous;

package io.sessionize.event;

import java.io.Serializable;

/**
 * Between which times an event counts. Both compare with what is in the data, never with the wall
 * clock, so that a replay decides the same.
 *
 * @param clockSkewMs how far an event may lie after its own Kafka record's timestamp, milliseconds
 * @param earliestMs events before this epoch millisecond are beyond the late horizon
 */
public record Limits(long clockSkewMs, long earliestMs) implements Serializable {}

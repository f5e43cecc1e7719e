package io.sessionize.spark.internal;

import java.io.Serializable;

/** The user and the time of a late event, epoch milliseconds. */
record LateEvent(String uuid, long timeMs) implements Serializable {}

package io.sessionize.column.web;

/**
 * How often an event of this name occurs in a session: an element of {@code events_by_name}.
 *
 * @param name of the event
 * @param count from 1
 */
public record EventCount(String name, long count) {}

package io.sessionize.trial;

import io.sessionize.session.Session;
import java.util.List;

/**
 * What became of the records.
 *
 * @param topics by name; only those that have a record
 * @param sessions by start
 * @param users number of users
 * @param events number of distinct events that the filters keep
 * @param duplicates number of events that the filters keep, but that are copies of another one
 * @param conflictingCopies number of duplicates whose content differs
 * @param failedConditions how often a condition failed on an event: it is false there
 */
public record Tried(
    List<TriedTopic> topics,
    List<Session> sessions,
    long users,
    long events,
    long duplicates,
    long conflictingCopies,
    long failedConditions) {}

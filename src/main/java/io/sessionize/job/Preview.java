package io.sessionize.job;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.SortedSet;

/**
 * The changes of a backfill in the sessions table.
 *
 * @param users number of users whose events were read
 * @param days UTC days of the changed rows, before and after: the affected partitions
 * @param files data files with rows that are changed or removed
 * @param sample some of the changed sessions, by start
 */
public record Preview(
    long users, SortedSet<LocalDate> days, long files, List<ChangedSession> sample) {

  /**
   * One changed session.
   *
   * @param change {@code added}, {@code changed} or {@code removed}
   * @param start null if it is removed
   * @param end null if it is removed
   * @param eventsBefore null if it is added
   * @param eventsAfter null if it is removed
   */
  public record ChangedSession(
      String change,
      String sessionId,
      Instant start,
      Instant end,
      Long eventsBefore,
      Long eventsAfter) {}
}

package io.sessionize.job;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.SortedSet;

/**
 * What a backfill changes, or would change, in the sessions table.
 *
 * @param users whose events were read
 * @param days UTC days under which the rows concerned lie or will lie: the partitions touched
 * @param files data files that hold rows which change or go
 * @param sample some of the sessions concerned, by start
 */
public record Preview(
    long users, SortedSet<LocalDate> days, long files, List<ChangedSession> sample) {

  /**
   * One session.
   *
   * @param change {@code insert}, {@code update} or {@code delete}
   * @param start null where it goes
   * @param end null where it goes
   * @param eventsBefore null where it is new
   * @param eventsAfter null where it goes
   */
  public record ChangedSession(
      String change,
      String sessionId,
      Instant start,
      Instant end,
      Long eventsBefore,
      Long eventsAfter) {}
}

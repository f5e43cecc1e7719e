package io.sessionize.spark;

import io.sessionize.table.StartDays;

/** The days whose keys a look-up has read. It goes on while rows reach beyond these days. */
final class SearchedDays {
  private static final int MOST_DOUBLINGS = 10;

  private final StartDays days = new StartDays();
  private int round;

  /**
   * @param first days to read
   */
  SearchedDays(StartDays first) {
    days.add(first);
  }

  /**
   * The days to read next, which count as read. Empty if all days are read that rows reach.
   *
   * @param near days on which the rows beside the reached rows start
   */
  StartDays next(StartDays near) {
    StartDays missing = days.missing(near);
    if (missing.isEmpty()) {
      return missing;
    }
    // A user who never pauses reaches day after day: each round goes twice as far.
    StartDays next = days.missing(missing.widened((1 << Math.min(round++, MOST_DOUBLINGS)) - 1));
    days.add(next);
    return next;
  }
}

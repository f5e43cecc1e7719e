package io.sessionize.job;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.Set;

/**
 * The sessions to recreate from their own events. For each of its users, a partial recompute also
 * includes the session before the range, all sessions after it, and the open ones.
 *
 * @param from first UTC day on which the sessions begin; null for no limit
 * @param to last UTC day on which the sessions begin; null for no limit
 * @param users whose sessions; empty for all users
 */
public record Recomputation(LocalDate from, LocalDate to, Set<String> users)
    implements Serializable {

  public static final Recomputation EVERYTHING = new Recomputation(null, null, Set.of());

  /** Whether it covers the whole table. */
  public boolean isWhole() {
    return isOfAllDays() && users.isEmpty();
  }

  /** Whether it covers all sessions of some users. */
  public boolean isOfUsersAlone() {
    return isOfAllDays() && !users.isEmpty();
  }

  private boolean isOfAllDays() {
    return from == null && to == null;
  }
}

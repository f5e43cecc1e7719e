package io.sessionize.job;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.Set;

/**
 * Which sessions to make anew from their own events. A part is made anew with all that it touches:
 * of the users in it, the session before it, all after it, and the open ones.
 *
 * @param from first UTC day on which they begin; null for all before
 * @param to last UTC day on which they begin; null for all after
 * @param users whose; empty for everybody's
 */
public record Recomputation(LocalDate from, LocalDate to, Set<String> users)
    implements Serializable {

  public static final Recomputation EVERYTHING = new Recomputation(null, null, Set.of());

  /** Whether it is all of the table. */
  public boolean isWhole() {
    return isOfAllDays() && users.isEmpty();
  }

  /** Whether it is all of some users' sessions. */
  public boolean isOfUsersAlone() {
    return isOfAllDays() && !users.isEmpty();
  }

  private boolean isOfAllDays() {
    return from == null && to == null;
  }
}

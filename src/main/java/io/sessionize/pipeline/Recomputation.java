package io.sessionize.pipeline;

import java.io.Serializable;
import java.time.LocalDate;
import java.util.Set;

/**
 * Which closed sessions to make anew from their own events.
 *
 * @param from first UTC day on which they begin; null for all before
 * @param to last UTC day on which they begin; null for all after
 * @param users whose; empty for everybody's
 */
public record Recomputation(LocalDate from, LocalDate to, Set<String> users)
    implements Serializable {

  static final Recomputation EVERYTHING = new Recomputation(null, null, Set.of());

  /** Whether it is all of the table, open sessions included. */
  public boolean isWhole() {
    return from == null && to == null && users.isEmpty();
  }
}

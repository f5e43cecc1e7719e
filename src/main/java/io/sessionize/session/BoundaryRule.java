package io.sessionize.session;

import java.util.List;

/**
 * A custom rule that ends sessions, beside the inactivity timeout and the maximum duration. It is
 * named with {@code --boundary-rule} and needs a public constructor without arguments.
 *
 * <p>It must be deterministic and keep no state between calls. The same session and the same next
 * moment always get the same answer; else the tables depend on how the events were batched. The
 * rule sees moments, not single events, because the order of events within a moment is arbitrary.
 */
@FunctionalInterface
public interface BoundaryRule {

  /**
   * Whether {@code next} starts a new session.
   *
   * @param session the moments of the session so far: at least one, in order; not to be changed
   * @param next the user's next moment, within the inactivity timeout and the maximum duration
   */
  boolean startsNewSession(List<Moment> session, Moment next);
}

package io.sessionize.session;

import java.util.List;

/**
 * A rule of one's own about where sessions end, beside the inactivity timeout and the maximum
 * duration. Named with {@code --boundary-rule}; needs a public constructor without arguments.
 *
 * <p>It must be deterministic and keep no state between calls: the same session and the same next
 * event always get the same answer, or the tables depend on how the events were batched. It is not
 * asked about an event that has the same time as the one before: those are never split.
 */
@FunctionalInterface
public interface BoundaryRule {

  /**
   * Whether {@code next} starts a new session.
   *
   * @param session the session so far: at least one event, in order; not to be changed
   * @param next the user's next event, later than the last of the session, within the inactivity
   *     timeout and the maximum duration
   */
  boolean startsNewSession(List<Event> session, Event next);
}

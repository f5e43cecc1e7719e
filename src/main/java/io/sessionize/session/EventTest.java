package io.sessionize.session;

/** A condition on an event, for one thread. */
@FunctionalInterface
public interface EventTest {

  /**
   * Whether an event matches. The answer depends on the event and its user alone.
   *
   * @param uuid the user
   */
  boolean matches(String uuid, Event event);
}

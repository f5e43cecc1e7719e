package io.sessionize.session;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Restates one user whose events do not all fit in memory, from the earliest event on. It holds the
 * events of one session, the rows that reach beyond it, and about as many events as it is given.
 *
 * <p>Sessions are cut greedily from the left, so a session depends on no later moment but the next
 * one. So it is complete as soon as the next session has begun with a moment of which all events
 * have been read: at the latest after its maximum duration. Other rules may cut earlier: whether
 * they have is found by cutting what was read, which is done again only when twice as much is
 * there.
 */
final class UserInParts implements Iterator<Outcome> {
  private static final long END = Long.MAX_VALUE;

  private final UserEvents user;
  private final long maxMs;
  private final int most;
  private final List<Input<?>> inputs;
  private long firstMs = END;
  private long lastMs = Long.MIN_VALUE;
  private int enough;
  private Iterator<Outcome> part = Collections.emptyIterator();
  private boolean ended;

  /**
   * @param staged sessions in staging, by their start
   * @param published rows, by the start of their session
   * @param newEvents by their time
   * @param most about how many events to hold beside those of one session, at least 1
   */
  UserInParts(
      UserEvents user,
      Iterator<Session> staged,
      Iterator<Published> published,
      Iterator<Event> newEvents,
      long maxMs,
      int most) {
    this.user = user;
    this.maxMs = maxMs;
    this.most = most;
    this.enough = most;
    this.inputs =
        List.of(
            new Input<>(staged, Session::startMs, user::addStaged),
            new Input<>(published, row -> row.session().startMs(), user::addPublished),
            new Input<>(newEvents, Event::timeMs, user::addNew));
  }

  @Override
  public boolean hasNext() {
    while (!part.hasNext() && !ended) {
      part = nextPart().iterator();
    }
    return part.hasNext();
  }

  @Override
  public Outcome next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return part.next();
  }

  private List<Outcome> nextPart() {
    long nextMs = read();
    List<Session> sessions = user.cutBefore(nextMs);
    ended = nextMs == END;
    if (ended) {
      List<Outcome> outcomes = user.outcomes(sessions, session -> false);
      outcomes.addAll(user.removals());
      return outcomes;
    }
    if (sessions.size() < 2) {
      enough = 2 * user.size();
      return List.of();
    }
    List<Session> complete = sessions.subList(0, sessions.size() - 1);
    long throughMs = complete.get(complete.size() - 1).endMs();
    List<Outcome> outcomes = user.outcomes(complete, session -> false);
    outcomes.addAll(user.removalsThrough(throughMs));
    user.forgetThrough(throughMs);
    firstMs = sessions.get(sessions.size() - 1).startMs();
    enough = Math.max(most, 2 * user.size());
    return outcomes;
  }

  /**
   * Reads until enough events are there, and a session is or may be complete. Returns the time
   * before which all events have been read.
   */
  private long read() {
    while (true) {
      Input<?> next = inputs.get(0);
      for (Input<?> input : inputs) {
        next = input.timeMs < next.timeMs ? input : next;
      }
      long nextMs = next.timeMs;
      boolean isComplete = firstMs != END && lastMs > firstMs + maxMs;
      if (nextMs == END || nextMs > lastMs && user.size() >= (isComplete ? most : enough)) {
        return nextMs;
      }
      next.take();
      firstMs = Math.min(firstMs, nextMs);
      lastMs = nextMs;
    }
  }

  /** One of the sorted inputs, with the time of its next element. */
  private static final class Input<T> {
    private final Iterator<T> elements;
    private final ToLongFunction<T> time;
    private final Consumer<T> add;
    private T next;
    private long timeMs;

    Input(Iterator<T> elements, ToLongFunction<T> time, Consumer<T> add) {
      this.elements = elements;
      this.time = time;
      this.add = add;
      advance();
    }

    void take() {
      add.accept(next);
      advance();
    }

    private void advance() {
      next = elements.hasNext() ? elements.next() : null;
      timeMs = next == null ? END : time.applyAsLong(next);
    }
  }
}

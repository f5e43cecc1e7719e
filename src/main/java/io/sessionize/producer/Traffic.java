package io.sessionize.producer;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * Generates the clicks of a fixed number of users who browse at the same time.
 *
 * <p>There are two clocks. <em>Within a visit</em>, a virtual clock jumps from click to click: the
 * user whose think time ends first clicks next. The caller decides how fast clicks are taken. At
 * {@code rate} clicks per second, a user clicks every {@code users / rate} seconds on average; the
 * intervals are proportional to the think times. <em>Between visits</em>, the schedule of the
 * caller counts: a user who has left may return after minutes to hours of that schedule. If the
 * pause shrank like the think times, it would end no session. When a user leaves, a user whose
 * pause is over takes the place, else a new user.
 *
 * <p>The clicks depend only on the number of users, the random generator and the requested times.
 * Not thread-safe.
 */
final class Traffic {
  /** The share of visits after which the user returns. */
  private static final double RETURNS = 0.6;

  /** One pause in six is within the usual inactivity timeout of 30 minutes. */
  private static final double PAUSE_MEDIAN_MINUTES = 100;

  private static final double PAUSE_SPREAD = 1.2;
  private static final int MS_PER_MINUTE = 60_000;

  private record Visit(Journey journey, long nextMs, long number) {}

  private record Absence(String uuid, long untilMs) {}

  private final RandomGenerator random;
  // The number breaks ties, so that the order is deterministic.
  private final PriorityQueue<Visit> browsing =
      new PriorityQueue<>(Comparator.comparingLong(Visit::nextMs).thenComparing(Visit::number));
  private final PriorityQueue<Absence> away =
      new PriorityQueue<>(Comparator.comparingLong(Absence::untilMs).thenComparing(Absence::uuid));
  private long visits;

  /**
   * @param users number of users who browse at the same time, at least 1
   */
  Traffic(int users, RandomGenerator random) {
    this.random = random;
    for (int i = 0; i < users; i++) {
      arrive(newUser(), 0);
    }
  }

  /**
   * Returns the next click of all users.
   *
   * @param scheduleMs when the click is due, milliseconds since the start; never less than before
   */
  Click next(long scheduleMs) {
    Visit visit = browsing.remove();
    Click click = visit.journey().next();
    long nextMs = visit.nextMs() + click.thinkMs();
    if (visit.journey().hasNext()) {
      browsing.add(new Visit(visit.journey(), nextMs, visit.number()));
      return click;
    }
    if (random.nextDouble() < RETURNS) {
      away.add(new Absence(click.uuid(), scheduleMs + pauseMs()));
    }
    boolean userReturns = !away.isEmpty() && away.peek().untilMs() <= scheduleMs;
    arrive(userReturns ? away.remove().uuid() : newUser(), visit.nextMs());
    return click;
  }

  /** Returns how many users browse now. */
  int browsing() {
    return browsing.size();
  }

  private void arrive(String uuid, long nowMs) {
    long entersMs = nowMs + Page.HOME.thinkMs(random);
    browsing.add(new Visit(new Journey(uuid, random), entersMs, visits++));
  }

  private String newUser() {
    return "user-" + Journey.randomUuid(random);
  }

  private long pauseMs() {
    double minutes = PAUSE_MEDIAN_MINUTES * Math.exp(PAUSE_SPREAD * random.nextGaussian());
    return 1 + Math.round(minutes * MS_PER_MINUTE);
  }
}

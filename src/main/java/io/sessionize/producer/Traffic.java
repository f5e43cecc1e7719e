package io.sessionize.producer;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * Who clicks next, where a fixed number of users browse at the same time.
 *
 * <p>There are two times. <em>Within a visit</em> the users' think times count: whoever's is over
 * first clicks next, on a clock of their own that jumps from click to click. So the caller alone
 * decides how fast clicks are taken; at {@code rate} clicks a second a user clicks every {@code
 * users / rate} seconds in the mean, fast or slow in proportion to the think times drawn.
 * <em>Between visits</em> the caller's schedule counts, unhurried: whoever leaves may come back
 * after a pause of real minutes to hours, because a pause that shrank with the think times would
 * end no session. A user who leaves makes room for one whose pause is over, else for a new one.
 *
 * <p>A function of the number of users, the random generator and the times asked for. Not for use
 * by several threads.
 */
final class Traffic {
  /** The share of visits after which the user comes back. */
  private static final double RETURNS = 0.6;

  /** One pause in six is within the usual inactivity timeout of 30 minutes. */
  private static final double PAUSE_MEDIAN_MINUTES = 100;

  private static final double PAUSE_SPREAD = 1.2;
  private static final int MS_PER_MINUTE = 60_000;

  private record Visit(Journey journey, long nextMs, long number) {}

  private record Absence(String uuid, long untilMs) {}

  private final RandomGenerator random;
  // The number decides between equals, so that the order is the same wherever this runs.
  private final PriorityQueue<Visit> browsing =
      new PriorityQueue<>(Comparator.comparingLong(Visit::nextMs).thenComparing(Visit::number));
  private final PriorityQueue<Absence> away =
      new PriorityQueue<>(Comparator.comparingLong(Absence::untilMs).thenComparing(Absence::uuid));
  private long visits;

  /**
   * @param users how many browse at the same time, at least 1
   */
  Traffic(int users, RandomGenerator random) {
    this.random = random;
    for (int i = 0; i < users; i++) {
      arrive(newUser(), 0);
    }
  }

  /**
   * The next click of anyone.
   *
   * @param scheduleMs when it is due, milliseconds since the start; never less than the last time
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
    boolean someoneIsBack = !away.isEmpty() && away.peek().untilMs() <= scheduleMs;
    arrive(someoneIsBack ? away.remove().uuid() : newUser(), visit.nextMs());
    return click;
  }

  /** How many users browse now. */
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

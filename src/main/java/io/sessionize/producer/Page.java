package io.sessionize.producer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The pages of the shop: how long users look at one, and where they go from it. */
enum Page {
  HOME(8, "page-view"),
  SEARCH(20, "user-action"),
  SELECTION(35, "user-action"),
  REVIEW(45, "page-view"),
  BOOKING(90, "user-action"),
  CONFIRMATION(20, "page-view");

  /** The share of users who go to a page. */
  private record Way(Page to, double share) {}

  /** From each page on to the next, again, or back. What is missing from 1 leaves the shop. */
  private static final Map<Page, List<Way>> WAYS =
      Map.of(
          HOME, List.of(new Way(SEARCH, 0.80)),
          SEARCH, List.of(new Way(SELECTION, 0.62), new Way(SEARCH, 0.20), new Way(HOME, 0.04)),
          SELECTION,
              List.of(new Way(REVIEW, 0.42), new Way(SELECTION, 0.24), new Way(SEARCH, 0.20)),
          REVIEW, List.of(new Way(BOOKING, 0.56), new Way(SELECTION, 0.24)),
          BOOKING, List.of(new Way(CONFIRMATION, 0.70), new Way(REVIEW, 0.14)),
          CONFIRMATION, List.of(new Way(HOME, 0.10)));

  /** Of the logarithm of the think time: one user in six takes more than twice the median. */
  private static final double SPREAD = 0.8;

  private static final double SHORTEST_SECONDS = 0.5;
  private static final double LONGEST_SECONDS = 600;

  private final double medianSeconds;
  private final String eventType;

  Page(double medianSeconds, String eventType) {
    this.medianSeconds = medianSeconds;
    this.eventType = eventType;
  }

  /** The page's name in the event. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String eventType() {
    return eventType;
  }

  /** Where one user goes from here, or null who leaves. */
  Page next(RandomGenerator random) {
    double chance = random.nextDouble();
    for (Way way : WAYS.get(this)) {
      chance -= way.share();
      if (chance < 0) {
        return way.to();
      }
    }
    return null;
  }

  /** Whether any user goes from here to that page. */
  boolean leadsTo(Page page) {
    return WAYS.get(this).stream().anyMatch(way -> way.to() == page);
  }

  /** How long one user stays here, in milliseconds: log-normal, half a second to ten minutes. */
  long thinkMs(RandomGenerator random) {
    double seconds = medianSeconds * Math.exp(SPREAD * random.nextGaussian());
    return Math.round(1_000 * Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, seconds)));
  }
}

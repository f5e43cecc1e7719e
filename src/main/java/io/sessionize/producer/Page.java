package io.sessionize.producer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The pages of the shop: how long users stay on a page, and where they go next. */
enum Page {
  HOME(8, "page-view"),
  SEARCH(20, "user-action"),
  SELECTION(35, "user-action"),
  REVIEW(45, "page-view"),
  BOOKING(90, "user-action"),
  CONFIRMATION(20, "page-view");

  /** A link to a page, and the share of users who follow it. */
  private record Link(Page to, double share) {}

  /** The links of each page: to the next page, to itself, or back. The rest of the users leave. */
  private static final Map<Page, List<Link>> LINKS =
      Map.of(
          HOME, List.of(new Link(SEARCH, 0.80)),
          SEARCH, List.of(new Link(SELECTION, 0.62), new Link(SEARCH, 0.20), new Link(HOME, 0.04)),
          SELECTION,
              List.of(new Link(REVIEW, 0.42), new Link(SELECTION, 0.24), new Link(SEARCH, 0.20)),
          REVIEW, List.of(new Link(BOOKING, 0.56), new Link(SELECTION, 0.24)),
          BOOKING, List.of(new Link(CONFIRMATION, 0.70), new Link(REVIEW, 0.14)),
          CONFIRMATION, List.of(new Link(HOME, 0.10)));

  /** Standard deviation of the logarithm: one user in six stays more than twice the median. */
  private static final double SPREAD = 0.8;

  private static final double SHORTEST_SECONDS = 0.5;
  private static final double LONGEST_SECONDS = 600;

  private final double medianSeconds;
  private final String eventType;

  Page(double medianSeconds, String eventType) {
    this.medianSeconds = medianSeconds;
    this.eventType = eventType;
  }

  /** Returns the name of the page in the event. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String eventType() {
    return eventType;
  }

  /** Returns the next page of a user, or null if the user leaves. */
  Page next(RandomGenerator random) {
    double chance = random.nextDouble();
    for (Link link : LINKS.get(this)) {
      chance -= link.share();
      if (chance < 0) {
        return link.to();
      }
    }
    return null;
  }

  /** Returns whether this page has a link to that page. */
  boolean leadsTo(Page page) {
    return LINKS.get(this).stream().anyMatch(link -> link.to() == page);
  }

  /** Returns how long a user stays, milliseconds: log-normal, from 0.5 seconds to 10 minutes. */
  long thinkMs(RandomGenerator random) {
    double seconds = medianSeconds * Math.exp(SPREAD * random.nextGaussian());
    return Math.round(1_000 * Math.max(SHORTEST_SECONDS, Math.min(LONGEST_SECONDS, seconds)));
  }
}

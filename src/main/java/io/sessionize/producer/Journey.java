package io.sessionize.producer;

import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Generates one visit of one user: from the home page, along the links of {@link Page}, until the
 * user leaves. Later steps contain what the user searched and selected.
 */
final class Journey {
  private static final List<String> CITIES =
      List.of("lisbon", "rome", "oslo", "kyoto", "lima", "cairo", "boston", "sydney");
  private static final int CARDS = 10;
  private static final int GUESTS = 4;
  private static final int NIGHTS = 14;

  private final String uuid;
  private final RandomGenerator random;
  private Page page = Page.HOME;
  private String city;
  private int card;
  private String booking;

  Journey(String uuid, RandomGenerator random) {
    this.uuid = uuid;
    this.random = random;
  }

  String uuid() {
    return uuid;
  }

  /** Returns whether there is a next step. A new journey has one. */
  boolean hasNext() {
    return page != null;
  }

  /** Returns the next step. Call it only if there is one. */
  Click next() {
    String id = randomUuid(random).toString();
    String value = act();
    boolean books = page == Page.BOOKING || page == Page.CONFIRMATION;
    Click click = new Click(id, page, books ? booking : "", uuid, value, page.thinkMs(random));
    page = page.next(random);
    return click;
  }

  static UUID randomUuid(RandomGenerator random) {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private String act() {
    return switch (page) {
      case HOME -> "home-viewed";
      case SEARCH -> {
        city = CITIES.get(random.nextInt(CITIES.size()));
        yield "search-" + city;
      }
      case SELECTION -> {
        card = 1 + random.nextInt(CARDS);
        yield "card-" + card + "-selected";
      }
      case REVIEW -> "card-" + card + "-reviewed";
      case BOOKING -> {
        int guests = 1 + random.nextInt(GUESTS);
        int nights = 1 + random.nextInt(NIGHTS);
        booking = "%s;card-%d;%d-guests;%d-nights".formatted(city, card, guests, nights);
        yield "card-" + card + "-booked";
      }
      case CONFIRMATION -> "card-" + card + "-confirmed";
    };
  }
}

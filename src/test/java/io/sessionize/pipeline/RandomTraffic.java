package io.sessionize.pipeline;

import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Clicks of few users around every boundary of the rules (30 ms and 120 ms), late and twice. */
final class RandomTraffic {
  private static final int[] PAUSES = {0, 1, 5, 20, 29, 30, 31, 40, 60, 200};
  private static final int[] DELAYS = {0, 0, 0, 3, 12, 50, 300};
  private static final String[] PAGES = {"home", "search", "logout", null};

  /**
   * A record on its way.
   *
   * @param at when it arrives
   * @param click null for one that has to be rejected
   */
  record Arrival(long at, int partition, Click click) {}

  private RandomTraffic() {}

  /** In the order of arrival. */
  static List<Arrival> of(Random random) {
    List<Arrival> arrivals = new ArrayList<>();
    int users = 1 + random.nextInt(3);
    for (int user = 0; user < users; user++) {
      long time = random.nextInt(50);
      int count = 1 + random.nextInt(39);
      for (int i = 0; i < count; i++) {
        time += PAUSES[random.nextInt(PAUSES.length)];
        long arrival = time + DELAYS[random.nextInt(DELAYS.length)];
        String page = PAGES[random.nextInt(PAGES.length)];
        Event event = new Event(time, "e" + i, page, null, null);
        arrivals.add(new Arrival(arrival, user % 2, new Click("u" + user, event)));
        if (random.nextInt(10) == 0) {
          // A copy, now and then one whose content differs.
          Event copy = random.nextInt(3) == 0 ? new Event(time, "e" + i, "x", null, null) : event;
          long later = arrival + random.nextInt(200);
          arrivals.add(new Arrival(later, user % 2, new Click("u" + user, copy)));
        }
        if (random.nextInt(30) == 0) {
          arrivals.add(new Arrival(arrival, random.nextInt(2), null));
        }
      }
    }
    arrivals.sort(Comparator.comparingLong(Arrival::at));
    return arrivals;
  }
}

package io.sessionize.testing;

import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Clicks of few users around every boundary of the rules (30 min and 2 h), some late or repeated,
 * and some records with a wrong timestamp.
 */
public final class RandomTraffic {
  /** In the evening, so that histories cross midnight. */
  public static final long BEGIN_MS = Instant.parse("2026-03-01T20:00:00Z").toEpochMilli();

  private static final int[] PAUSES = {0, 1, 5, 20, 29, 30, 31, 40, 60, 200};
  private static final int[] DELAYS = {0, 0, 0, 3, 12, 50, 300};
  private static final int[] FAR = {20, 200, 5_000, 1_000_000};
  private static final String[] PAGES = {"home", "search", "logout", null};
  private static final long YEAR_2099_MS = Instant.parse("2099-01-01T00:00:00Z").toEpochMilli();
  private static final long NO_TIMESTAMP = -1;
  private static final long NANOS_PER_MS = 1_000_000;

  /**
   * A record to send.
   *
   * @param atMs when it arrives
   * @param click null for an invalid record
   * @param recordTimeMs its Kafka timestamp, possibly wrong
   */
  public record Arrival(long atMs, int partition, Click click, long recordTimeMs) {}

  private RandomTraffic() {}

  /** Records in the order of arrival. */
  public static List<Arrival> of(Random random) {
    return sorted(honest(random));
  }

  /** Records in the order of arrival, a few with a wrong producer's clock. */
  public static List<Arrival> withWrongClocks(Random random) {
    List<Arrival> arrivals = honest(random);
    long last = arrivals.stream().mapToLong(Arrival::atMs).max().orElseThrow();
    int wrongClocks = new int[] {0, 0, 1, 3}[random.nextInt(4)];
    for (int i = 0; i < wrongClocks; i++) {
      long at = BEGIN_MS + minutes(random.nextInt(1 + (int) ((last - BEGIN_MS) / minutes(1))));
      long far = at + minutes(FAR[random.nextInt(FAR.length)]);
      long[][] eventAndRecord = {
        {far, far},
        {at, far},
        {at, YEAR_2099_MS},
        {YEAR_2099_MS, YEAR_2099_MS},
        {at, 0},
        {at, NO_TIMESTAMP},
        {far, NO_TIMESTAMP},
        {far, at * NANOS_PER_MS},
        {far, at}
      };
      long[] times = eventAndRecord[random.nextInt(eventAndRecord.length)];
      String user = random.nextBoolean() ? "u0" : "x";
      Click click = new Click(user, new Event(times[0], "lie" + i, "home", null, null));
      arrivals.add(new Arrival(at, random.nextInt(2), click, times[1]));
    }
    return sorted(arrivals);
  }

  public static long minutes(long minutes) {
    return Duration.ofMinutes(minutes).toMillis();
  }

  private static List<Arrival> honest(Random random) {
    List<Arrival> arrivals = new ArrayList<>();
    int users = 1 + random.nextInt(3);
    for (int user = 0; user < users; user++) {
      long time = BEGIN_MS + minutes(random.nextInt(50));
      int count = 1 + random.nextInt(39);
      for (int i = 0; i < count; i++) {
        time += minutes(PAUSES[random.nextInt(PAUSES.length)]);
        long arrival = time + minutes(DELAYS[random.nextInt(DELAYS.length)]);
        String page = PAGES[random.nextInt(PAGES.length)];
        Event event = new Event(time, "e" + i, page, null, null);
        arrivals.add(new Arrival(arrival, user % 2, new Click("u" + user, event), arrival));
        if (random.nextInt(10) == 0) {
          // A copy, sometimes with other content.
          Event copy = random.nextInt(3) == 0 ? new Event(time, "e" + i, "x", null, null) : event;
          long later = arrival + minutes(random.nextInt(200));
          arrivals.add(new Arrival(later, user % 2, new Click("u" + user, copy), later));
        }
        if (random.nextInt(30) == 0) {
          arrivals.add(new Arrival(arrival, random.nextInt(2), null, arrival));
        }
      }
    }
    return arrivals;
  }

  private static List<Arrival> sorted(List<Arrival> arrivals) {
    arrivals.sort(Comparator.comparingLong(Arrival::atMs));
    return arrivals;
  }
}

package io.sessionize.producer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Generates one complete journey at natural speed, up to the confirmation of a booking. */
public final class Sample {
  private static final int FEWEST = 10;

  private Sample() {}

  /**
   * Returns the events of a journey as lines of JSON in UTF-8, in order, at least {@value #FEWEST}.
   *
   * @param end time of the last event, so that no event of the sample is in the future
   */
  public static List<byte[]> lines(RandomGenerator random, Instant end) {
    List<Click> clicks;
    do {
      clicks = journey(random);
    } while (clicks.size() < FEWEST || clicks.get(clicks.size() - 1).page() != Page.CONFIRMATION);
    long timeMs = end.toEpochMilli();
    for (Click click : clicks.subList(0, clicks.size() - 1)) {
      timeMs -= click.thinkMs();
    }
    List<byte[]> lines = new ArrayList<>();
    for (Click click : clicks) {
      lines.add(click.json(timeMs));
      timeMs += click.thinkMs();
    }
    return lines;
  }

  private static List<Click> journey(RandomGenerator random) {
    Journey journey = new Journey("user-" + Journey.randomUuid(random), random);
    List<Click> clicks = new ArrayList<>();
    while (journey.hasNext()) {
      clicks.add(journey.next());
    }
    return clicks;
  }
}

package io.sessionize.testing;

import io.sessionize.session.DayZone;
import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Rules of every kind but a class, for {@link RandomTraffic}. */
public final class RandomRules {
  /** Midnight is an hour after the first events, five hours after them, or a clock change later. */
  private static final List<String> ZONES = List.of("Europe/Berlin", "UTC", "Asia/Kathmandu");

  private static final List<String> PAGES = List.of("home", "search", "logout");

  private RandomRules() {}

  /** Rules with these limits: half of them have no other rule, the others have one or several. */
  public static Rules of(Random random, Duration timeout, Duration maximum) {
    return random.nextBoolean()
        ? new Rules(timeout, maximum, null, List.of())
        : new Rules(
            timeout,
            maximum,
            null,
            random.nextInt(3) == 0 ? List.of("logout") : List.of(),
            any(random, List.of(List.of(), List.of("campaign"), List.of("aim", "campaign"))),
            random.nextInt(3) == 0 ? DayZone.of(any(random, ZONES)) : null,
            condition(random),
            condition(random),
            random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 0);
  }

  private static String condition(Random random) {
    return random.nextInt(3) == 0 ? "page_name = '" + any(random, PAGES) + "'" : null;
  }

  private static <T> T any(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

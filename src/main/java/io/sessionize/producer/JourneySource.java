package io.sessionize.producer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Generates the clicks of {@link Traffic}: the time is the current one, the key the uuid. */
public final class JourneySource implements MessageSource {
  private final Traffic traffic;
  private final Rate rate;
  private final long planned;
  private final InstantSource clock;
  private long taken;

  /**
   * @param users number of users who browse at the same time, at least 1
   * @param duration length of the schedule, or null for no end
   * @param clock time of the events; the clicks do not depend on it
   */
  public JourneySource(
      int users, Rate rate, Duration duration, RandomGenerator random, InstantSource clock) {
    this.traffic = new Traffic(users, random);
    this.rate = rate;
    this.planned = duration == null ? -1 : rate.eventsIn(duration);
    this.clock = clock;
  }

  @Override
  public Message next() {
    if (taken == planned) {
      return null;
    }
    Click click = traffic.next(rate.dueMs(taken++));
    return new Message(click.uuid().getBytes(StandardCharsets.UTF_8), click.json(clock.millis()));
  }

  @Override
  public long planned() {
    return planned;
  }

  @Override
  public void close() {}
}

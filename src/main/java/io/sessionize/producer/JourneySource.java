package io.sessionize.producer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Realistic traffic: the clicks of {@link Traffic}, dated when they are taken, keyed by uuid. */
public final class JourneySource implements Source {
  private final Traffic traffic;
  private final Rate rate;
  private final long planned;
  private final InstantSource clock;
  private long taken;

  /**
   * @param users how many browse at the same time, at least 1
   * @param duration how long, or null for without end
   * @param clock dates the events; who clicks what does not depend on it
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

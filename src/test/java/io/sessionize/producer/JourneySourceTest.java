package io.sessionize.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The clicks of the traffic, and their messages. */
class JourneySourceTest {
  private static final Rate RATE = new Rate(50);
  private static final long HALF_AN_HOUR_MS = 30 * 60_000;
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private static List<Click> clicks(int users, int count, long seed) {
    Traffic traffic = new Traffic(users, new SplittableRandom(seed));
    return IntStream.range(0, count).mapToObj(i -> traffic.next(RATE.dueMs(i))).toList();
  }

  private static List<String> lines(long seed) {
    JourneySource source =
        new JourneySource(
            10, RATE, Duration.ofSeconds(20), new SplittableRandom(seed), InstantSource.fixed(NOW));
    List<String> lines = new ArrayList<>();
    for (Message message = source.next(); message != null; message = source.next()) {
      lines.add(new String(message.value(), StandardCharsets.UTF_8));
    }
    return lines;
  }

  @Test
  void sameSeedGivesTheSameLines() {
    assertEquals(lines(7), lines(7));
    assertNotEquals(lines(7), lines(8));
  }

  @Test
  void endsAfterRateTimesDuration() {
    assertEquals(50 * 20, lines(7).size());
  }

  @Test
  void withoutADurationThereIsNoPlannedEnd() {
    JourneySource source =
        new JourneySource(1, RATE, null, new SplittableRandom(1), InstantSource.fixed(NOW));
    assertEquals(-1, source.planned());
  }

  @Test
  void eventsHaveTheCurrentTimeAndTheirUserAsTheKey() throws IOException {
    JourneySource source =
        new JourneySource(3, RATE, null, new SplittableRandom(1), InstantSource.fixed(NOW));
    Message message = source.next();
    JsonNode event = new ObjectMapper().readTree(message.value());
    assertEquals(Long.toString(NOW.toEpochMilli()), event.get("event_timestamp").textValue());
    assertEquals(event.get("uuid").textValue(), new String(message.key(), StandardCharsets.UTF_8));
    assertTrue(event.get("uuid").textValue().matches("user-[0-9a-f-]{36}"));
  }

  @Test
  void eventIdsAreUnique() {
    List<Click> clicks = clicks(20, 20_000, 1);
    assertEquals(clicks.size(), clicks.stream().map(Click::eventId).distinct().count());
  }

  @Test
  void theGivenNumberOfUsersBrowsesAtTheSameTime() {
    for (int users : new int[] {1, 10, 200}) {
      Traffic traffic = new Traffic(users, new SplittableRandom(1));
      assertEquals(users, traffic.browsing());
      for (int i = 0; i < 5_000; i++) {
        traffic.next(RATE.dueMs(i));
        assertEquals(users, traffic.browsing());
      }
    }
  }

  @Test
  void usersOfTheSameTimeTakeTurns() {
    List<Click> clicks = clicks(10, 1_000, 1);
    long changes =
        IntStream.range(1, clicks.size())
            .filter(i -> !clicks.get(i).uuid().equals(clicks.get(i - 1).uuid()))
            .count();
    assertTrue(changes > 700, "changes: " + changes);
  }

  @Test
  void usersReturnMostlyAfterMoreThanHalfAnHour() {
    int hours = 3;
    List<Click> clicks = clicks(10, hours * 3_600 * (int) RATE.perSecond(), 1);
    Map<String, Long> lastMs = new HashMap<>();
    Set<String> users = new HashSet<>();
    int soon = 0;
    int late = 0;
    int visits = 0;
    for (int i = 0; i < clicks.size(); i++) {
      long nowMs = RATE.dueMs(i);
      Click click = clicks.get(i);
      Long before = lastMs.put(click.uuid(), nowMs);
      boolean returns = before != null && click.page() == Page.HOME && nowMs - before > 60_000;
      visits += users.add(click.uuid()) || returns ? 1 : 0;
      soon += returns && nowMs - before <= HALF_AN_HOUR_MS ? 1 : 0;
      late += returns && nowMs - before > HALF_AN_HOUR_MS ? 1 : 0;
    }
    assertTrue(soon > visits / 50, soon + " of " + visits);
    assertTrue(late > soon, late + " late, " + soon + " soon");
  }

  @Test
  void everyMessageIsReturned() {
    JourneySource source =
        new JourneySource(
            1, RATE, Duration.ofMillis(1), new SplittableRandom(1), InstantSource.fixed(NOW));
    assertEquals(1, source.planned());
    source.next();
    assertNull(source.next());
  }
}

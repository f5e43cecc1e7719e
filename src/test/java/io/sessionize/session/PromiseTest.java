package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.session.Oracle.Click;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise on in-memory tables, thousands of times: whatever the order, the cuts, the copies,
 * the lateness and the crashes were, the tables hold what the oracle makes of all events at once.
 */
class PromiseTest {
  private static final int TRIALS_PER_BLOCK = 2_500;

  private record Arrival(long arrival, int partition, Click click) {}

  static LongStream blocks() {
    return LongStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void tablesAreAPureFunctionOfTheSetOfEvents(long block) {
    for (long seed = block * TRIALS_PER_BLOCK; seed < (block + 1) * TRIALS_PER_BLOCK; seed++) {
      trial(seed);
    }
  }

  private static void trial(long seed) {
    Random random = new Random(seed);
    Rules rules =
        new Rules(
            Duration.ofMillis(30),
            Duration.ofMillis(120),
            null,
            random.nextInt(4) == 0 ? List.of("logout") : List.of());
    List<Arrival> log = traffic(random);
    InMemoryTables tables = new InMemoryTables(rules);
    while (tables.offset() < log.size()) {
      int to = Math.min(log.size(), tables.offset() + 1 + random.nextInt(11));
      tables.run(slice(log, tables.offset(), to), to, crash(random));
      if (random.nextInt(5) == 0) {
        tables.silence(random.nextBoolean() ? 20 : 200, crash(random));
      }
      if (random.nextInt(10) == 0 && tables.offset() > 0) {
        tables.rewind(random.nextInt(tables.offset()));
      }
      if (random.nextInt(10) == 0) {
        int from = random.nextInt(log.size());
        int until = from + random.nextInt(log.size() - from + 1);
        tables.backfill(slice(log, from, until), crash(random));
      }
    }
    if (random.nextBoolean()) {
      tables.silence(10_000, InMemoryTables.Crash.NEVER);
    }
    Map<String, Session> expected =
        Oracle.sessions(log.stream().map(Arrival::click).toList(), rules);
    assertEquals(expected, tables.live(), "seed " + seed);
    tables.checkInvariants("seed " + seed);
  }

  private static InMemoryTables.Crash crash(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> InMemoryTables.Crash.BEFORE_SESSIONS;
      case 1 -> InMemoryTables.Crash.BETWEEN_THE_TABLES;
      default -> InMemoryTables.Crash.NEVER;
    };
  }

  private static Map<Integer, List<Click>> slice(List<Arrival> log, int from, int to) {
    Map<Integer, List<Click>> byPartition = new HashMap<>();
    for (Arrival arrival : log.subList(from, to)) {
      byPartition
          .computeIfAbsent(arrival.partition, partition -> new ArrayList<>())
          .add(arrival.click);
    }
    return byPartition;
  }

  private static List<Arrival> traffic(Random random) {
    int[] pauses = {0, 1, 5, 20, 29, 30, 31, 40, 60, 200};
    int[] delays = {0, 0, 0, 3, 12, 50, 300};
    String[] pages = {"home", "search", "logout", null};
    List<Arrival> log = new ArrayList<>();
    int users = 1 + random.nextInt(3);
    for (int user = 0; user < users; user++) {
      long time = random.nextInt(50);
      int count = 1 + random.nextInt(39);
      for (int i = 0; i < count; i++) {
        time += pauses[random.nextInt(pauses.length)];
        long arrival = time + delays[random.nextInt(delays.length)];
        String page = pages[random.nextInt(pages.length)];
        Event event = new Event(time, "e" + i, page, null, null);
        log.add(new Arrival(arrival, user % 2, new Click("u" + user, event)));
        if (random.nextInt(10) == 0) {
          // A copy, now and then one whose content differs.
          Event copy = random.nextInt(3) == 0 ? new Event(time, "e" + i, "x", null, null) : event;
          long later = arrival + random.nextInt(200);
          log.add(new Arrival(later, user % 2, new Click("u" + user, copy)));
        }
      }
    }
    log.sort(Comparator.comparingLong(Arrival::arrival));
    return log;
  }
}

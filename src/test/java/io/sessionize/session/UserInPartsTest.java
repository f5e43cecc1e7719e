package io.sessionize.session;

import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.RandomRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A user who is restated in parts has the outcomes of a user who is restated at once. */
class UserInPartsTest {
  private static final int TRIALS = 5_000;
  private static final List<Property> PROPERTIES =
      List.of(new Property("campaign", PropertyType.STRING));
  private static final int[] PAUSES = {0, 0, 1, 5, 15, 20, 29, 30, 31, 40, 60, 121, 200};

  @Test
  void partsOfAnySizeHaveTheSameOutcomesAsTheWhole() {
    for (int seed = 0; seed < TRIALS; seed++) {
      Random random = new Random(seed);
      Rules rules = RandomRules.of(random, Duration.ofMinutes(30), Duration.ofHours(2));
      assertPartsAreTheWhole(random, rules, events(random), 1 + random.nextInt(8), "seed " + seed);
    }
  }

  /** Each event ends a part, if the rules let it: cuts do not depend on where a part begins. */
  @Test
  void partsOfOneEventHaveTheSameOutcomesAsTheWhole() {
    for (int seed = 0; seed < TRIALS; seed++) {
      Random random = new Random(seed);
      Rules rules = RandomRules.of(random, Duration.ofMinutes(30), Duration.ofHours(2));
      assertPartsAreTheWhole(random, rules, events(random), 1, "seed " + seed);
    }
  }

  @Test
  void partsOfMomentsLargerThanASessionHaveTheSameOutcomesAsTheWhole() {
    for (int seed = 0; seed < TRIALS / 10; seed++) {
      Random random = new Random(seed);
      Rules rules =
          new GivenRules(null, null, null, null, null, null, null, null, 1L + random.nextInt(2))
              .apply(Rules.DEFAULT);
      List<Event> events = new ArrayList<>();
      for (Event first : events(random)) {
        for (int i = 0; i < 3; i++) {
          events.add(Clicks.at(first.timeMs(), first.id() + i, first.pageName()));
        }
      }
      assertPartsAreTheWhole(random, rules, events, 1, "seed " + seed);
    }
  }

  private static void assertPartsAreTheWhole(
      Random random, Rules rules, List<Event> events, int most, String seed) {
    // Rows of other rules too: a recompute restates them.
    Rules old =
        random.nextInt(4) > 0
            ? rules
            : new Rules(Duration.ofMinutes(45), Duration.ofHours(5), null, List.of());
    List<Session> staged = some(random, Clicks.cut(old, some(random, events)));
    List<Published> published =
        some(random, Clicks.cut(old, some(random, events))).stream()
            .map(session -> row(session, random.nextInt(8) > 0))
            .toList();
    List<Event> fresh = some(random, events);
    long watermark = TEN + random.nextInt(2_000) * MINUTE;
    Restatement restatement =
        new Restatement(rules, PageConditions.of(rules), watermark, DamagedRows.KEEP);
    List<Outcome> whole = restatement.restate("ann", staged, published, fresh);
    Iterator<Outcome> parts =
        restatement.restateInParts(
            "ann",
            staged.iterator(),
            published.iterator(),
            fresh.stream().sorted(Comparator.comparingLong(Event::timeMs)).iterator(),
            most);
    List<Outcome> found = new ArrayList<>();
    parts.forEachRemaining(found::add);
    assertEquals(new HashSet<>(whole), new HashSet<>(found), seed);
    assertEquals(whole.size(), found.size(), seed);
  }

  /** The 100 sessions of two hundred hours without a pause are not all held at once. */
  @Test
  void theFirstSessionIsMadeBeforeTheLastEventIsRead() {
    int[] read = {0};
    Iterator<Event> events =
        IntStream.range(0, 12_000)
            .peek(i -> read[0]++)
            .mapToObj(i -> Clicks.at(TEN + i * MINUTE))
            .iterator();
    Iterator<Outcome> outcomes =
        new Restatement(Rules.DEFAULT, TEN)
            .restateInParts(
                "ann", List.<Session>of().iterator(), List.<Published>of().iterator(), events, 1);
    for (int session = 1; session <= 50; session++) {
      assertEquals(121, outcomes.next().session().events().size());
      assertTrue(read[0] < 125 + session * 125, "" + read[0]);
    }
  }

  /** Of a bot that sends ten thousand events in ten seconds, about a hundred are held. */
  @Test
  void aGreatestNumberOfEventsBoundsWhatIsHeld() {
    int[] read = {0};
    Iterator<Event> events =
        IntStream.range(0, 10_000)
            .peek(i -> read[0]++)
            .mapToObj(i -> Clicks.at(TEN + i))
            .iterator();
    Rules rules =
        new GivenRules(null, null, null, null, null, null, null, null, 10L).apply(Rules.DEFAULT);
    Iterator<Outcome> outcomes =
        new Restatement(rules, TEN)
            .restateInParts(
                "ann", List.<Session>of().iterator(), List.<Published>of().iterator(), events, 100);
    for (int session = 0; session < 1_000; session++) {
      assertEquals(10, outcomes.next().session().events().size());
      assertTrue(read[0] <= session * 10 + 110, read[0] + " at " + session);
    }
    assertFalse(outcomes.hasNext());
  }

  private static Published row(Session session, boolean intact) {
    return new Published(session.id(), session.startMs(), session, intact);
  }

  private static List<Event> events(Random random) {
    List<Event> events = new ArrayList<>();
    long timeMs = TEN;
    int count = 1 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      timeMs += PAUSES[random.nextInt(PAUSES.length)] * MINUTE;
      String page = random.nextInt(6) == 0 ? "logout" : "home";
      String[] campaigns = {null, "spring", "summer"};
      Object[] campaign = {campaigns[random.nextInt(3)]};
      Properties properties = Properties.of(PROPERTIES, campaign);
      String id = "e" + random.nextInt(9);
      events.add(new Event(timeMs, null, id, 1, page, null, null, properties));
    }
    return events;
  }

  private static <T> List<T> some(Random random, List<T> all) {
    int oneIn = 1 + random.nextInt(4);
    Stream<T> chosen = all.stream().filter(any -> random.nextInt(4) < oneIn);
    return chosen.toList();
  }
}

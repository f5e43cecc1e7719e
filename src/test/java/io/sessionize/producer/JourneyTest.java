package io.sessionize.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JourneyTest {
  private static final int JOURNEYS = 5_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<List<Click>> journeys(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, JOURNEYS).mapToObj(i -> journey("user-" + i, random)).toList();
  }

  private static List<Click> journey(String uuid, SplittableRandom random) {
    Journey journey = new Journey(uuid, random);
    List<Click> clicks = new ArrayList<>();
    while (journey.hasNext()) {
      clicks.add(journey.next());
    }
    return clicks;
  }

  @Test
  void sameSeedGivesTheSameJourneys() {
    assertEquals(journeys(1), journeys(1));
    assertTrue(!journeys(1).equals(journeys(2)));
  }

  @Test
  void everyStepFollowsALinkOfThePreviousPage() {
    for (List<Click> clicks : journeys(1)) {
      assertEquals(Page.HOME, clicks.get(0).page());
      for (int i = 1; i < clicks.size(); i++) {
        Page from = clicks.get(i - 1).page();
        Page to = clicks.get(i).page();
        assertTrue(from.leadsTo(to), from + " to " + to);
      }
    }
  }

  @Test
  void nobodyConfirmsWithoutBookingOrBooksWithoutReview() {
    for (Page from : Page.values()) {
      assertEquals(from == Page.BOOKING, from.leadsTo(Page.CONFIRMATION), from.label());
      assertEquals(from == Page.REVIEW, from.leadsTo(Page.BOOKING), from.label());
    }
  }

  @Test
  void someGoBackOrDoTheSameAgain() {
    Set<Page> again = EnumSet.noneOf(Page.class);
    Set<Page> back = EnumSet.noneOf(Page.class);
    for (List<Click> clicks : journeys(1)) {
      for (int i = 1; i < clicks.size(); i++) {
        int step = clicks.get(i).page().compareTo(clicks.get(i - 1).page());
        (step == 0 ? again : step < 0 ? back : EnumSet.noneOf(Page.class))
            .add(clicks.get(i - 1).page());
      }
    }
    assertEquals(EnumSet.of(Page.SEARCH, Page.SELECTION), again);
    assertEquals(EnumSet.complementOf(EnumSet.of(Page.HOME)), back);
  }

  @Test
  void usersAreLostAtEveryStepAndSomeBook() {
    List<List<Click>> journeys = journeys(1);
    for (Page page : Page.values()) {
      long left =
          journeys.stream().filter(clicks -> clicks.get(clicks.size() - 1).page() == page).count();
      assertTrue(left > JOURNEYS / 100, left + " left at " + page);
    }
    double booked =
        (double) journeys.stream().filter(clicks -> has(clicks, Page.CONFIRMATION)).count()
            / JOURNEYS;
    assertTrue(booked > 0.05 && booked < 0.25, "booked: " + booked);
  }

  private static boolean has(List<Click> clicks, Page page) {
    return clicks.stream().anyMatch(click -> click.page() == page);
  }

  @Test
  void thinkTimesAreSecondsToMinutesAndLongerOnPagesWithMoreToDo() {
    List<Click> clicks = journeys(1).stream().flatMap(List::stream).toList();
    for (Click click : clicks) {
      assertTrue(click.thinkMs() >= 500 && click.thinkMs() <= 600_000, click.toString());
    }
    assertEquals(8_000, median(clicks, Page.HOME), 800);
    assertEquals(35_000, median(clicks, Page.SELECTION), 3_500);
    assertEquals(90_000, median(clicks, Page.BOOKING), 9_000);
  }

  private static long median(List<Click> clicks, Page page) {
    List<Long> sorted =
        clicks.stream().filter(c -> c.page() == page).map(Click::thinkMs).sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  @Test
  void aBookingAndItsConfirmationHaveTheSameDetails() {
    for (List<Click> clicks : journeys(1)) {
      String booked = null;
      for (Click click : clicks) {
        switch (click.page()) {
          case BOOKING -> {
            booked = click.bookingDetails();
            assertTrue(booked.matches("[a-z]+;card-\\d+;\\d-guests;\\d+-nights"), booked);
          }
          case CONFIRMATION -> assertEquals(booked, click.bookingDetails());
          default -> assertEquals("", click.bookingDetails());
        }
      }
    }
  }

  @Test
  void theReviewedCardIsTheLastSelectedOne() {
    for (List<Click> clicks : journeys(1)) {
      String selected = null;
      for (Click click : clicks) {
        if (click.page() == Page.SELECTION) {
          selected = click.eventValue().replace("-selected", "");
        } else if (click.page() == Page.REVIEW) {
          assertEquals(selected + "-reviewed", click.eventValue());
        }
      }
    }
  }

  @Test
  void eventsHaveTheDocumentedShape() {
    Click click = new Click("e-1", Page.SELECTION, "", "user-1", "card-1-selected", 5);
    assertEquals(
        "{\"event_id\":\"e-1\",\"page_name\":\"selection\",\"event_timestamp\":\"1790875556200\","
            + "\"booking_details\":\"\",\"uuid\":\"user-1\",\"event_details\":{"
            + "\"event_name\":\"user-selection\",\"event_type\":\"user-action\","
            + "\"event_value\":\"card-1-selected\"}}",
        new String(click.json(1_790_875_556_200L), StandardCharsets.UTF_8));
  }

  @Test
  void aSampleIsOneCompleteJourneyThatEndsNow() throws IOException {
    Instant now = Instant.parse("2026-11-22T10:00:00Z");
    List<byte[]> lines = Sample.lines(new SplittableRandom(1), now);
    assertTrue(lines.size() >= 10);
    JsonNode before = null;
    for (byte[] line : lines) {
      JsonNode event = JSON.readTree(line);
      if (before != null) {
        assertEquals(before.get("uuid"), event.get("uuid"));
        assertTrue(timeMs(before) < timeMs(event));
      }
      before = event;
    }
    assertEquals("confirmation", before.get("page_name").asText());
    assertEquals(now.toEpochMilli(), timeMs(before));
  }

  private static long timeMs(JsonNode event) {
    return Long.parseLong(event.get("event_timestamp").textValue());
  }
}

package io.sessionize.continuous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Duration TRIGGER = Duration.ofSeconds(10);
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final Pace pace = new Pace(TRIGGER);

  @Test
  void nothingIsKnownBeforeTheFirstBatch() {
    assertEquals(Optional.empty(), pace.lastLatency());
    assertEquals(Optional.empty(), pace.longestBatch());
    assertEquals(Optional.empty(), pace.backlog());
    assertEquals(Optional.empty(), pace.backlogTime());
    assertEquals(Optional.empty(), pace.lastCommit());
  }

  @Test
  void theGreatestNumbersAreThoseOfTheLastHour() {
    pace.batch(TestBatch.of(10, 1_000, 9_000), 20_000);
    pace.batch(TestBatch.of(10, 50_000, 2_000), 54_000);
    pace.batch(TestBatch.of(10, 60_000, 3_000), 62_500);
    assertEquals(Optional.of(Duration.ofMillis(2_500)), pace.lastLatency());
    assertEquals(Optional.of(Duration.ofSeconds(19)), pace.greatestLatency());
    assertEquals(Optional.of(Duration.ofSeconds(3)), pace.lastBatch());
    assertEquals(Optional.of(Duration.ofSeconds(9)), pace.longestBatch());
    pace.batch(TestBatch.of(10, HOUR + 40_000, 1_000), HOUR + 41_000);
    assertEquals(Optional.of(Duration.ofSeconds(4)), pace.greatestLatency());
    assertEquals(Optional.of(Duration.ofSeconds(3)), pace.longestBatch());
    assertEquals(Optional.of(Instant.ofEpochMilli(HOUR + 41_000)), pace.lastCommit());
  }

  @Test
  void onAQuietTopicTheGreatestNumbersAreForgottenToo() {
    pace.batch(TestBatch.of(10, 1_000, 9_000), 20_000);
    pace.batch(TestBatch.of(10, 50_000, 2_000), 54_000);
    pace.forget(HOUR + 30_000);
    assertEquals(Optional.of(Duration.ofSeconds(2)), pace.longestBatch());
    assertEquals(Optional.of(Duration.ofSeconds(4)), pace.greatestLatency());
    pace.forget(HOUR + 60_000);
    assertEquals(Optional.empty(), pace.longestBatch());
    assertEquals(Optional.empty(), pace.greatestLatency());
    assertEquals(Optional.of(Duration.ofSeconds(2)), pace.lastBatch());
    assertEquals(Optional.of(Instant.ofEpochMilli(54_000)), pace.lastCommit());
  }

  @Test
  void aBatchWithoutRecordsHasNoLatency() {
    pace.batch(TestBatch.of(0, 1_000, 10), 900_000);
    assertEquals(Optional.empty(), pace.lastLatency());
    assertEquals(Optional.of(Duration.ofMillis(10)), pace.lastBatch());
  }

  @Test
  void theBacklogTakesAsLongAsTheLastBatchesSay() {
    pace.planned(500);
    assertEquals(Optional.empty(), pace.backlogTime());
    pace.batch(TestBatch.of(100, 1_000, 2_000), 3_000);
    assertEquals(Optional.of(500L), pace.backlog());
    assertEquals(Optional.of(Duration.ofSeconds(10)), pace.backlogTime());
  }

  @Test
  void longRunsWithAGrowingBacklogFallBehind() {
    List<Boolean> all = behind(12, 1000, 1200, 1500, 2000, 3000, 4000, 5000);
    assertEquals(List.of(false, false, false, false, false, false, true), all);
    // It keeps falling behind while the backlog grows by a little.
    assertEquals(List.of(true), behind(12, 4100));
    assertEquals(List.of(true, false), behind(9, 3000, 5000));
  }

  @Test
  void longRunsWithASteadyBacklogKeepUp() {
    List<Boolean> all = behind(12, 10_000, 11_000, 9_500, 21_000, 12_000, 10_000, 40_000, 10_000);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void aMomentWithoutTrafficIsNoMeasure() {
    List<Boolean> all = behind(12, 1000, 1100, 300, 1000, 1050, 990, 1010);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void whatComesDuringOtherWorkIsNoReason() {
    behind(12, 1000, 1000, 1000, 1000, 1000);
    for (int i = 0; i < 3; i++) {
      pace.delayed();
      assertEquals(List.of(false), behind(20, 9000));
      assertEquals(Optional.of(9000L), pace.backlog());
    }
    assertEquals(List.of(false, false, true), behind(12, 9000, 9000, 9000));
  }

  @Test
  void whatComesDuringAWaitAfterOtherWorkIsNoReason() {
    behind(12, 840, 840, 840, 840);
    pace.delayed();
    pace.waits();
    List<Boolean> all = behind(12, 210_000, 42_600, 9_100, 2_400);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void aFewOffsetsAreNoBacklog() {
    List<Boolean> all = behind(12, 0, 0, 0, 0, 2, 4, 8, 16, 500, 600);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void aBacklogThatShrinksIsNoReason() {
    List<Boolean> all = behind(60, 100_000, 4_000, 5_000, 4_500, 4_800);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void whatComesDuringAWaitIsNoReason() {
    behind(12, 10_000, 10_000, 10_000, 10_000);
    pace.waits();
    List<Boolean> all = behind(12, 400_000, 90_000, 10_000, 11_000, 10_000);
    assertFalse(all.contains(true), all.toString());
  }

  @Test
  void slowGrowthIsSeenToo() {
    long[] growing = new long[40];
    for (int i = 0; i < growing.length; i++) {
      growing[i] = (long) (1000 * Math.pow(1.05, i));
    }
    List<Boolean> all = behind(12, growing);
    assertEquals(22, all.indexOf(true));
    assertTrue(all.get(39));
  }

  @Test
  void growthByOnePercentIsSeenWithinAHundredRuns() {
    long[] growing = new long[100];
    for (int i = 0; i < growing.length; i++) {
      growing[i] = (long) (10_000 * Math.pow(1.01, i));
    }
    assertEquals(96, behind(12, growing).indexOf(true));
  }

  /** Whether it is behind when a run begins with each of these backlogs. */
  private List<Boolean> behind(int seconds, long... backlogs) {
    List<Boolean> all = new ArrayList<>();
    for (long backlog : backlogs) {
      pace.planned(backlog);
      all.add(pace.isBehind());
      pace.ended(Duration.ofSeconds(seconds));
    }
    return all;
  }
}

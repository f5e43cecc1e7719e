package io.sessionize.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.history.StartTimes.Range;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StartTimesTest {
  @Test
  void aTimeIsContainedIfItIsInOneOfTheRanges() {
    Random random = new Random(7);
    for (int round = 0; round < 1_000; round++) {
      List<Range> ranges =
          Stream.generate(() -> range(random.nextInt(60), random.nextInt(12)))
              .limit(random.nextInt(6))
              .toList();
      StartTimes times = new StartTimes(ranges, false);
      StartTimes wider = times.widened(2, 3);
      for (long time = -3; time < 80; time++) {
        long at = time;
        assertEquals(
            ranges.stream().anyMatch(range -> isIn(range, at)),
            times.contain(at),
            () -> at + " of " + ranges);
        assertEquals(
            ranges.stream()
                .anyMatch(
                    range ->
                        isIn(range(range.fromMs() - 2, range.toMs() - range.fromMs() + 5), at)),
            wider.contain(at),
            () -> at + " near " + ranges);
      }
    }
  }

  @Test
  void withAFileOfUnknownTimesAnyTimeIsContained() {
    assertFalse(new StartTimes(List.of(), false).contain(0));
    assertTrue(new StartTimes(List.of(), true).widened(1, 1).contain(Long.MIN_VALUE));
  }

  @Test
  void timesThatNoFilterCanExpressAreNearEachOther() {
    StartTimes times = new StartTimes(List.of(range(Long.MAX_VALUE, 0)), false).widened(1, 1);
    assertTrue(times.contain(Long.MAX_VALUE));
    assertTrue(times.contain(Long.MAX_VALUE - 1));
    assertFalse(times.contain(0));
  }

  private static Range range(long from, long length) {
    return new Range(from, from + length);
  }

  private static boolean isIn(Range range, long time) {
    return range.fromMs() <= time && time <= range.toMs();
  }
}

package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReachTest {
  private static final LookUp LOOK_UP = new LookUp(30, 120);

  private record Stored(long startMs, long endMs) {}

  @Test
  void rowsUpToTheNextNaturalGapAreReached() {
    Stored before = new Stored(0, 10);
    Stored first = new Stored(50, 60);
    Stored second = new Stored(90, 100);
    Stored after = new Stored(131, 140);
    List<Stored> rows = List.of(after, second, before, first);
    assertEquals(List.of(), reach(rows, 161 + 10));
    assertEquals(List.of(after), reach(rows, 170));
    assertEquals(
        List.of(first, second, after), reach(rows, 101), "between two, 30 from the second");
    assertEquals(List.of(before), reach(rows, -30));
    assertEquals(List.of(before, first, second), reach(rows, 25));
    assertEquals(List.of(before, after), reach(rows, 10, 131));
    assertEquals(List.of(before, first, second, after), reach(rows, LookUp.FROM_THE_BEGINNING));
  }

  @Test
  void aRowWhoseEndWasAlteredToBeforeItsStartIsReached() {
    Stored altered = new Stored(50, 0);
    assertEquals(List.of(altered), reach(List.of(altered), 80));
  }

  @Test
  void theSameRowsAreReachedAsFromRowToRow() {
    Random random = new Random(20261128);
    for (int i = 0; i < 5_000; i++) {
      List<Stored> rows = new ArrayList<>();
      long at = 0;
      for (int count = random.nextInt(12); count > 0; count--) {
        at += 5L * random.nextInt(14);
        long end = at + 5L * random.nextInt(8);
        rows.add(new Stored(at, end));
        at = random.nextInt(10) == 0 ? at : end;
      }
      Collections.shuffle(rows, random);
      long[] times =
          random.longs(random.nextInt(4), 0, 400).map(time -> time / 5 * 5).sorted().toArray();
      assertEquals(
          fromRowToRow(rows, times),
          new HashSet<>(reach(rows, times)),
          () -> rows + " " + Arrays.toString(times));
    }
  }

  private static Set<Stored> fromRowToRow(List<Stored> rows, long... times) {
    Set<Stored> reached = new HashSet<>();
    Deque<Stored> next = new ArrayDeque<>();
    Arrays.stream(times).forEach(time -> next.add(new Stored(time, time)));
    while (!next.isEmpty()) {
      Stored from = next.remove();
      for (Stored row : rows) {
        if (row.startMs() <= from.endMs() + LOOK_UP.timeoutMs()
            && row.endMs() >= from.startMs() - LOOK_UP.timeoutMs()
            && reached.add(row)) {
          next.add(row);
        }
      }
    }
    return reached;
  }

  private static List<Stored> reach(List<Stored> rows, long... times) {
    return new Reach<>(rows, LOOK_UP, Stored::startMs, Stored::endMs).of(times);
  }
}

package io.sessionize.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Selects the published rows of one user that a batch can change: those up to the next natural gap
 * on both sides of each affected time. A natural gap is a pause longer than the inactivity timeout.
 * How events on one side of it are cut depends on nothing on the other side.
 *
 * <p>Spark and the in-memory tables of the tests both use it.
 *
 * @param <R> a row
 */
public final class Reach<R> {
  private final List<R> rows = new ArrayList<>();
  private final long timeoutMs;
  private final ToLongFunction<R> startMs;
  private final ToLongFunction<R> endMs;

  /**
   * @param rows the user's rows, in any order
   * @param lookUp the bounds of a look-up
   */
  public Reach(
      Collection<R> rows, LookUp lookUp, ToLongFunction<R> startMs, ToLongFunction<R> endMs) {
    this.rows.addAll(rows);
    this.rows.sort(Comparator.comparingLong(startMs));
    this.timeoutMs = lookUp.timeoutMs();
    this.startMs = startMs;
    this.endMs = endMs;
  }

  /**
   * The rows that these times reach.
   *
   * @param timesMs from which the user is affected, epoch milliseconds, in ascending order; {@link
   *     LookUp#FROM_THE_BEGINNING} reaches all rows
   */
  public List<R> of(long... timesMs) {
    List<R> reached = new ArrayList<>();
    int time = 0;
    int from = 0;
    while (from < rows.size()) {
      int to = from;
      long firstMs = startMs.applyAsLong(rows.get(from));
      long lastMs = Long.MIN_VALUE;
      // The rows up to the next natural gap. An external statement may have set any end.
      do {
        R row = rows.get(to++);
        lastMs = Math.max(lastMs, Math.max(startMs.applyAsLong(row), endMs.applyAsLong(row)));
      } while (to < rows.size() && startMs.applyAsLong(rows.get(to)) - timeoutMs <= lastMs);
      while (time < timesMs.length
          && timesMs[time] > LookUp.FROM_THE_BEGINNING
          && timesMs[time] < firstMs - timeoutMs) {
        time++;
      }
      if (time < timesMs.length && timesMs[time] - timeoutMs <= lastMs) {
        reached.addAll(rows.subList(from, to));
      }
      from = to;
    }
    return reached;
  }
}

package io.sessionize.table;

import io.sessionize.row.Micros;
import java.io.Serializable;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/** A set of UTC days on which sessions start, or all days. */
public final class StartDays implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String START = "session_start";
  private static final long MOST_DAYS = 10_000 * 366L;

  /** Days as Iceberg counts them, from 1970-01-01 on. */
  private final TreeSet<Integer> days = new TreeSet<>();

  private boolean all;

  /** Adds all days. */
  public void addAll() {
    all = true;
    days.clear();
  }

  /** Adds the days from one time to another, both included, epoch milliseconds. */
  public void add(long fromMs, long toMs) {
    if (!all) {
      for (int day = day(fromMs); day <= day(toMs); day++) {
        days.add(day);
      }
    }
  }

  /** Adds the days of another set. */
  public void add(StartDays other) {
    if (other.all) {
      addAll();
    } else if (!all) {
      days.addAll(other.days);
    }
  }

  /** The days that another set has and this one has not. */
  public StartDays missing(StartDays other) {
    StartDays missing = new StartDays();
    if (!all) {
      missing.add(other);
      missing.days.removeAll(days);
    }
    return missing;
  }

  /** The days, and so many before and after each. */
  public StartDays widened(int by) {
    StartDays wider = new StartDays();
    wider.all = all;
    for (int day : days) {
      for (int near = day - by; near <= day + by; near++) {
        wider.days.add(near);
      }
    }
    return wider;
  }

  public boolean isEmpty() {
    return !all && days.isEmpty();
  }

  /** A filter: true for the sessions that start on these days. */
  public Expression filter() {
    if (all) {
      return Expressions.alwaysTrue();
    }
    if (days.isEmpty()) {
      return Expressions.alwaysFalse();
    }
    // The bounds also prune a table that is partitioned by something else than the day.
    return Expressions.and(
        Expressions.greaterThanOrEqual(START, Micros.ofDay(days.first())),
        Expressions.lessThan(START, Micros.ofDay(days.last() + 1)),
        Expressions.in(Expressions.day(START), days.toArray()));
  }

  private static int day(long timeMs) {
    // An external statement may have set any time.
    long day = Math.floorDiv(timeMs, TimeUnit.DAYS.toMillis(1));
    return (int) Math.max(-MOST_DAYS, Math.min(MOST_DAYS, day));
  }
}

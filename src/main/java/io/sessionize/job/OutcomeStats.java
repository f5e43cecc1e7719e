package io.sessionize.job;

import io.sessionize.session.Outcome;
import io.sessionize.session.Outcome.Change;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Counts of a batch's outcomes.
 *
 * @param newEvents events that neither table held before
 * @param replacedEvents events of the tables that a new copy has replaced, with another content
 * @param conflictingCopies dropped copies whose content differs from that of the copy that is kept
 * @param failedColumns values of session columns that are null since their expression failed
 * @param added rows added to the sessions table
 * @param changed rows of the sessions table that change
 * @param removed rows removed from the sessions table
 * @param changedEvents events of the rows that are added or changed
 * @param open sessions open after the batch, damaged ones included
 * @param opened open sessions that were not in staging before
 * @param openEvents events of the open sessions that are written
 * @param openPublished open sessions that also have a row in the sessions table
 * @param oldestOpenEndMs the earliest end of an open session, epoch milliseconds; null if none is
 *     open
 * @param days UTC days of the rows of the sessions table that are added, changed or removed
 * @param damaged damaged rows of either table that stay unchanged
 * @param damagedOpen damaged rows of staging that stay unchanged
 * @param failedConditions how often a condition of the rules failed on an event
 */
public record OutcomeStats(
    long newEvents,
    long replacedEvents,
    long conflictingCopies,
    long failedColumns,
    long added,
    long changed,
    long removed,
    long changedEvents,
    long open,
    long opened,
    long openEvents,
    long openPublished,
    Long oldestOpenEndMs,
    TreeSet<LocalDate> days,
    long damaged,
    long damagedOpen,
    long failedConditions)
    implements Serializable {

  /** The counts of no outcome. */
  public static final OutcomeStats NOTHING = new Counter().total();

  /**
   * The properties of an outcome that are counted.
   *
   * @param days UTC days of its row, before and after; none if the row does not change
   * @param eventCount 0 for a row that is removed
   */
  public record Counted(
      Change change,
      List<LocalDate> days,
      boolean isOpen,
      boolean isPublished,
      boolean wasStaged,
      boolean isDamaged,
      int newEvents,
      int replacedEvents,
      int conflictingCopies,
      int failedColumns,
      long eventCount,
      long endMs) {

    /** The properties of an outcome in memory. */
    static Counted of(Outcome outcome) {
      boolean hasSession = outcome.change() != Change.REMOVED && !outcome.isDamaged();
      List<LocalDate> days = new ArrayList<>(2);
      if (outcome.change() != Change.NONE) {
        if (hasSession) {
          days.add(day(outcome.session().startMs()));
        }
        if (outcome.stored() != null) {
          days.add(day(outcome.stored().startMs()));
        }
      }
      return new Counted(
          outcome.change(),
          days,
          outcome.open(),
          outcome.published(),
          outcome.wasStaged(),
          outcome.isDamaged(),
          outcome.newEvents(),
          outcome.replacedEvents(),
          outcome.conflictingCopies(),
          0,
          hasSession ? outcome.session().events().size() : 0,
          hasSession ? outcome.session().endMs() : 0);
    }

    private static LocalDate day(long timeMs) {
      return LocalDate.ofInstant(Instant.ofEpochMilli(timeMs), ZoneOffset.UTC);
    }
  }

  /** Whether the batch changes what either table holds, apart from sessions that close. */
  public boolean hasEffect() {
    return newEvents > 0 || replacedEvents > 0 || changes() > 0;
  }

  /** Counts outcomes one by one. */
  public static final class Counter {
    private long newEvents;
    private long replacedEvents;
    private long conflictingCopies;
    private long failedColumns;
    private final long[] changes = new long[Change.values().length];
    private long changedEvents;
    private long open;
    private long opened;
    private long openEvents;
    private long openPublished;
    private Long oldestOpenEndMs;
    private final TreeSet<LocalDate> days = new TreeSet<>();
    private long damaged;
    private long damagedOpen;
    private long failedConditions;

    public void add(Counted outcome) {
      if (outcome.isDamaged()) {
        // Its events are unknown, so only the damage counters apply.
        damaged++;
        damagedOpen += outcome.isOpen() ? 1 : 0;
        return;
      }
      newEvents += outcome.newEvents();
      replacedEvents += outcome.replacedEvents();
      conflictingCopies += outcome.conflictingCopies();
      failedColumns += outcome.failedColumns();
      changes[outcome.change().ordinal()]++;
      if (outcome.change() != Change.NONE) {
        changedEvents += outcome.eventCount();
        days.addAll(outcome.days());
      }
      if (outcome.isOpen()) {
        open++;
        opened += outcome.wasStaged() ? 0 : 1;
        openEvents += outcome.eventCount();
        openPublished += outcome.isPublished() ? 1 : 0;
        oldestOpenEndMs = least(oldestOpenEndMs, outcome.endMs());
      }
    }

    public OutcomeStats total() {
      return new OutcomeStats(
          newEvents,
          replacedEvents,
          conflictingCopies,
          failedColumns,
          changes[Change.ADDED.ordinal()],
          changes[Change.CHANGED.ordinal()],
          changes[Change.REMOVED.ordinal()],
          changedEvents,
          open + damagedOpen,
          opened,
          openEvents,
          openPublished,
          oldestOpenEndMs,
          days,
          damaged,
          damagedOpen,
          failedConditions);
    }
  }

  /** The same counts, with those of failed conditions. */
  public OutcomeStats withFailedConditions(long failed) {
    Counter more = new Counter();
    more.failedConditions = failed;
    return plus(more.total());
  }

  /**
   * The same counts, with open sessions that the batch leaves as they are.
   *
   * @param sessions their number
   * @param published how many of them have a row in the sessions table
   * @param oldestEndMs the earliest end of one of them; null if there is none
   */
  public OutcomeStats withOpen(long sessions, long published, Long oldestEndMs) {
    Counter more = new Counter();
    more.open = sessions;
    more.openPublished = published;
    more.oldestOpenEndMs = oldestEndMs;
    return plus(more.total());
  }

  /** Rows of the sessions table that are added, changed or removed. */
  public long changes() {
    return added + changed + removed;
  }

  /** The sum of both. */
  public OutcomeStats plus(OutcomeStats other) {
    TreeSet<LocalDate> allDays = new TreeSet<>(days);
    allDays.addAll(other.days);
    return new OutcomeStats(
        newEvents + other.newEvents,
        replacedEvents + other.replacedEvents,
        conflictingCopies + other.conflictingCopies,
        failedColumns + other.failedColumns,
        added + other.added,
        changed + other.changed,
        removed + other.removed,
        changedEvents + other.changedEvents,
        open + other.open,
        opened + other.opened,
        openEvents + other.openEvents,
        openPublished + other.openPublished,
        least(oldestOpenEndMs, other.oldestOpenEndMs),
        allDays,
        damaged + other.damaged,
        damagedOpen + other.damagedOpen,
        failedConditions + other.failedConditions);
  }

  private static Long least(Long one, Long other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return Math.min(one, other);
  }
}

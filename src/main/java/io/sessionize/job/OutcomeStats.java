package io.sessionize.job;

import io.sessionize.row.SessionRows;
import io.sessionize.session.Outcome.Change;
import io.sessionize.spark.internal.CountedRows;
import io.sessionize.spark.internal.Kept;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * What a batch's outcomes add up to.
 *
 * @param added events that neither table held before
 * @param inserted sessions new in the sessions table
 * @param updated rows of the sessions table that change
 * @param deleted rows of the sessions table that go
 * @param changedEvents events of the rows that come or change
 * @param open sessions open after the batch, damaged ones included
 * @param opened of them, those that were not open before
 * @param openEvents their events
 * @param openPublished of them, those that stand in the sessions table too
 * @param oldestOpenEndMs the earliest end among them, {@link Long#MAX_VALUE} where there is none
 * @param days UTC days under which changed rows lie or will lie
 * @param damaged rows of either table that stay as they are, since their events cannot be read
 * @param damagedOpen of them, those in staging
 */
public record OutcomeStats(
    long added,
    long inserted,
    long updated,
    long deleted,
    long changedEvents,
    long open,
    long opened,
    long openEvents,
    long openPublished,
    long oldestOpenEndMs,
    TreeSet<LocalDate> days,
    long damaged,
    long damagedOpen)
    implements Serializable {

  private static final OutcomeStats NOTHING =
      new OutcomeStats(0, 0, 0, 0, 0, 0, 0, 0, 0, Long.MAX_VALUE, new TreeSet<>(), 0, 0);
  private static final int END = column("session_end_time_ms");
  private static final int EVENT_COUNT = column("event_count");
  private static final int START = column("session_start");
  private static final int CHANGE = column("change");
  private static final int STORED_START = column("stored_start");
  private static final int IS_OPEN = column("is_open");
  private static final int PUBLISHED = column("published");
  private static final int CARRIED = column("carried");
  private static final int ADDED = column("added");
  private static final int DAMAGED = column("damaged");

  private static int column(String name) {
    return SessionRows.OUTCOME.fieldIndex(name);
  }

  /** Rows of the sessions table that come, change or go. */
  public long changed() {
    return inserted + updated + deleted;
  }

  /** Whether all that the sessions table needs is rows that it does not hold. */
  public boolean isOnlyInserts() {
    return inserted > 0 && inserted == changed();
  }

  /** One pass over the outcomes, in plain Java for the reason that {@link CountedRows} gives. */
  public static OutcomeStats of(Kept outcomes) {
    return outcomes
        .internalRows()
        .mapPartitions(rows -> List.of(of(rows)).iterator())
        .fold(NOTHING, OutcomeStats::plus);
  }

  private static OutcomeStats of(Iterator<InternalRow> rows) {
    long added = 0;
    Map<Change, Long> changes = new EnumMap<>(Change.class);
    long changedEvents = 0;
    long open = 0;
    long opened = 0;
    long openEvents = 0;
    long openPublished = 0;
    long oldestOpenEndMs = Long.MAX_VALUE;
    TreeSet<LocalDate> days = new TreeSet<>();
    long damaged = 0;
    long damagedOpen = 0;
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (row.getBoolean(DAMAGED)) {
        // Nobody knows what it holds, and it closes nothing.
        damaged++;
        damagedOpen += row.getBoolean(IS_OPEN) ? 1 : 0;
        continue;
      }
      added += row.getInt(ADDED);
      Change change = Change.valueOf(row.getUTF8String(CHANGE).toString());
      changes.merge(change, 1L, Long::sum);
      if (change != Change.NONE) {
        changedEvents += row.getLong(EVENT_COUNT);
        for (int start : new int[] {START, STORED_START}) {
          if (!row.isNullAt(start)) {
            days.add(ReadStats.utcDay(row.getLong(start)));
          }
        }
      }
      if (row.getBoolean(IS_OPEN)) {
        open++;
        opened += row.getBoolean(CARRIED) ? 0 : 1;
        openEvents += row.getLong(EVENT_COUNT);
        openPublished += row.getBoolean(PUBLISHED) ? 1 : 0;
        oldestOpenEndMs = Math.min(oldestOpenEndMs, row.getLong(END));
      }
    }
    return new OutcomeStats(
        added,
        changes.getOrDefault(Change.INSERT, 0L),
        changes.getOrDefault(Change.UPDATE, 0L),
        changes.getOrDefault(Change.DELETE, 0L),
        changedEvents,
        open + damagedOpen,
        opened,
        openEvents,
        openPublished,
        oldestOpenEndMs,
        days,
        damaged,
        damagedOpen);
  }

  private OutcomeStats plus(OutcomeStats other) {
    TreeSet<LocalDate> allDays = new TreeSet<>(days);
    allDays.addAll(other.days);
    return new OutcomeStats(
        added + other.added,
        inserted + other.inserted,
        updated + other.updated,
        deleted + other.deleted,
        changedEvents + other.changedEvents,
        open + other.open,
        opened + other.opened,
        openEvents + other.openEvents,
        openPublished + other.openPublished,
        Math.min(oldestOpenEndMs, other.oldestOpenEndMs),
        allDays,
        damaged + other.damaged,
        damagedOpen + other.damagedOpen);
  }
}

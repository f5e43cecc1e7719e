package io.sessionize.history;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.table.Days;
import java.time.LocalDate;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Column;

/**
 * The UTC days on which the sessions start that some commits wrote or deleted. Reads only the
 * manifests of these snapshots, so the cost does not depend on the size of the table.
 */
final class ChangedDays {
  private static final String START = "session_start";

  private final NavigableSet<LocalDate> days = new TreeSet<>();
  private boolean nullStarts;
  private boolean anywhere;

  /** The days that one commit changed. */
  static ChangedDays of(Table table, Snapshot commit) {
    ChangedDays changed = new ChangedDays();
    changed.add(table, commit);
    return changed;
  }

  /**
   * The days that the commits after {@code from} up to and including {@code to} changed.
   *
   * @param from null for a table without rows
   */
  static ChangedDays between(Table table, Long from, long to) {
    ChangedDays changed = new ChangedDays();
    Snapshot commit = table.snapshot(to);
    while (from != null && commit != null && commit.snapshotId() != from) {
      changed.add(table, commit);
      commit = commit.parentId() == null ? null : table.snapshot(commit.parentId());
    }
    // Without a start, or with expired snapshots between, any day may have changed.
    changed.anywhere |= from == null || commit == null;
    return changed;
  }

  private void add(Table table, Snapshot commit) {
    SnapshotChanges changes = SnapshotChanges.builderFor(table).snapshot(commit).build();
    Stream.of(
            changes.addedDataFiles(),
            changes.removedDataFiles(),
            changes.addedDeleteFiles(),
            changes.removedDeleteFiles())
        .forEach(files -> files.forEach(file -> add(table, file)));
  }

  /** Adds the day of one file. */
  void add(Table table, ContentFile<?> file) {
    int index = dayIndex(table.specs().get(file.specId()));
    Integer day = index < 0 ? null : file.partition().get(index, Integer.class);
    if (day != null) {
      days.add(LocalDate.ofEpochDay(day));
    }
    anywhere |= index < 0;
    nullStarts |= day == null;
  }

  /** The field of the day in a partition; negative if there is none. */
  static int dayIndex(PartitionSpec spec) {
    for (int i = 0; i < spec.fields().size(); i++) {
      String source = spec.schema().findColumnName(spec.fields().get(i).sourceId());
      if (START.equals(source) && "day".equals(spec.fields().get(i).transform().toString())) {
        return i;
      }
    }
    return -1;
  }

  /** Whether any row may have changed that starts on one of these days. */
  boolean isWithin(LocalDate first, LocalDate last) {
    return anywhere || !days.subSet(first, true, last, true).isEmpty();
  }

  /** A condition: true for all rows that may have changed, and for the rows of more days. */
  Column orOn(Collection<LocalDate> more) {
    Set<LocalDate> all = new TreeSet<>(days);
    all.addAll(more);
    Column changed = Days.startingOn(all);
    if (nullStarts) {
      changed = changed.or(col(START).isNull());
    }
    return anywhere ? lit(true) : changed;
  }

  /** A filter: true for all rows that may have changed. */
  Expression filter() {
    if (anywhere) {
      return Expressions.alwaysTrue();
    }
    Expression changed = nullStarts ? Expressions.isNull(START) : Expressions.alwaysFalse();
    if (!days.isEmpty()) {
      Object[] indexes = days.stream().map(day -> (int) day.toEpochDay()).toArray();
      changed = Expressions.or(changed, Expressions.in(Expressions.day(START), indexes));
    }
    return changed;
  }
}

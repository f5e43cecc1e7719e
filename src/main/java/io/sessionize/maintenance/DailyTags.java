package io.sessionize.maintenance;

import io.sessionize.summary.RunSummary;
import io.sessionize.table.Branch;
import io.sessionize.table.Lineage;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Tags {@code audit-YYYY-MM-DD} on the sessions table and the staging table: the last commit point
 * of that UTC day, for as long as its history was there to be seen. The tag of a day that is not
 * over moves on. It bears its own age, so that any expiry spares and in the end drops it.
 */
final class DailyTags {
  private static final String PREFIX = "audit-";

  /** A pair of snapshots that belong together. */
  private record Point(Snapshot sessions, Snapshot open) {
    String tag() {
      Instant committed = Instant.ofEpochMilli(open.timestampMillis());
      return PREFIX + LocalDate.ofInstant(committed, ZoneOffset.UTC);
    }
  }

  private final Table sessions;
  private final Table open;
  private final List<Point> due;

  private DailyTags(Table sessions, Table open, List<Point> due) {
    this.sessions = sessions;
    this.open = open;
    this.due = due;
  }

  /**
   * The tags that are missing, or behind.
   *
   * @param afterMs commit points before this epoch millisecond are too old to be tagged
   */
  static DailyTags due(Table sessions, Table open, long afterMs) {
    Map<Long, Snapshot> holding = new HashMap<>();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(sessions)) {
      holding.putIfAbsent(Lineage.content(snapshot, sessions), snapshot);
    }
    Set<String> seen = new HashSet<>();
    List<Point> due = new ArrayList<>();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(open)) {
      if (!Lineage.isOfARun(snapshot) || snapshot.timestampMillis() < afterMs) {
        continue;
      }
      long belongsTo = RunSummary.ofProperties(snapshot.summary()).sessionsSnapshot();
      Point point = new Point(holding.get(belongsTo), snapshot);
      boolean newestOfItsDay = seen.add(point.tag());
      if (newestOfItsDay && point.sessions() != null && isBehind(sessions, open, point)) {
        due.add(0, point);
      }
    }
    return new DailyTags(sessions, open, due);
  }

  private static boolean isBehind(Table sessions, Table open, Point point) {
    SnapshotRef tagged = open.refs().get(point.tag());
    if (tagged == null) {
      return true;
    }
    // After a rollback the tag may hold what is not in the history any more: it stays.
    return open.snapshot(tagged.snapshotId()).timestampMillis() < point.open().timestampMillis()
        || tagged.snapshotId() == point.open().snapshotId()
            && !sessions.refs().containsKey(point.tag());
  }

  List<String> names() {
    return due.stream().map(Point::tag).toList();
  }

  /** The snapshots that the tags will hold. */
  Set<Long> snapshots() {
    Set<Long> ids = new HashSet<>();
    due.forEach(point -> ids.add(point.sessions().snapshotId()));
    due.forEach(point -> ids.add(point.open().snapshotId()));
    return ids;
  }

  /**
   * Makes or moves them.
   *
   * @param keepMs how long after its commit a tagged state is kept
   */
  void make(long keepMs) {
    if (!due.isEmpty()) {
      Branch.changeReferences(
          sessions,
          references ->
              due.forEach(
                  point -> {
                    // Both tags of a pair end at the same time.
                    long earlier =
                        point.open().timestampMillis() - point.sessions().timestampMillis();
                    long id = point.sessions().snapshotId();
                    tag(sessions, references, point.tag(), id, keepMs + earlier);
                  }));
      Branch.changeReferences(
          open,
          references ->
              due.forEach(
                  point -> tag(open, references, point.tag(), point.open().snapshotId(), keepMs)));
    }
  }

  private static void tag(
      Table table, ManageSnapshots references, String name, long snapshot, long ageMs) {
    if (table.refs().containsKey(name)) {
      references.replaceTag(name, snapshot);
    } else {
      references.createTag(name, snapshot);
    }
    references.setMaxRefAgeMs(name, Math.max(1, ageMs));
  }
}

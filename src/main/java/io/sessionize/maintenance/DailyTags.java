package io.sessionize.maintenance;

import io.sessionize.summary.RunSummary;
import io.sessionize.table.Lineage;
import io.sessionize.table.References;
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
 * Creates the tags {@code audit-YYYY-MM-DD} on the sessions table and the staging table. A tag
 * holds the last commit point of that UTC day that was still in the history. The tag of the current
 * day moves to the newest commit point. Each tag has a maximum age, so any expiry keeps it until
 * then and drops it afterwards.
 */
final class DailyTags {
  private static final String PREFIX = "audit-";

  /** The snapshots of both tables at a commit point. */
  private record Pair(Snapshot sessions, Snapshot open) {
    String tag() {
      Instant committed = Instant.ofEpochMilli(open.timestampMillis());
      return PREFIX + LocalDate.ofInstant(committed, ZoneOffset.UTC);
    }
  }

  private final Table sessions;
  private final Table open;
  private final List<Pair> due;

  private DailyTags(Table sessions, Table open, List<Pair> due) {
    this.sessions = sessions;
    this.open = open;
    this.due = due;
  }

  /**
   * Finds the tags that are missing or outdated.
   *
   * @param afterMs commit points before this time (epoch milliseconds) are not tagged
   */
  static DailyTags due(Table sessions, Table open, long afterMs) {
    Map<Long, Snapshot> byContent = new HashMap<>();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(sessions)) {
      // A compaction by another engine has no summary: a run could not continue from it once its
      // history is expired.
      if (RunSummary.isIn(snapshot.summary())) {
        byContent.putIfAbsent(Lineage.contentSnapshot(snapshot, sessions), snapshot);
      }
    }
    Set<String> seen = new HashSet<>();
    List<Pair> due = new ArrayList<>();
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(open)) {
      if (!Lineage.isRunCommit(snapshot) || snapshot.timestampMillis() < afterMs) {
        continue;
      }
      long belongsTo = Lineage.sessionsSnapshot(RunSummary.ofProperties(snapshot.summary()));
      Pair point = new Pair(byContent.get(belongsTo), snapshot);
      boolean newestOfItsDay = seen.add(point.tag());
      if (newestOfItsDay && point.sessions() != null && isOutdated(sessions, open, point)) {
        due.add(0, point);
      }
    }
    return new DailyTags(sessions, open, due);
  }

  private static boolean isOutdated(Table sessions, Table open, Pair point) {
    SnapshotRef tagged = open.refs().get(point.tag());
    if (tagged == null) {
      return true;
    }
    // After a rollback the tag may hold a snapshot that is no longer in the history: it stays.
    return open.snapshot(tagged.snapshotId()).timestampMillis() < point.open().timestampMillis()
        || tagged.snapshotId() == point.open().snapshotId()
            && !sessions.refs().containsKey(point.tag());
  }

  /** Returns the names of the due tags, the oldest first. */
  List<String> names() {
    return due.stream().map(Pair::tag).toList();
  }

  /** Returns the ids of the snapshots that the tags will hold, of both tables. */
  Set<Long> snapshots() {
    Set<Long> ids = new HashSet<>();
    due.forEach(point -> ids.add(point.sessions().snapshotId()));
    due.forEach(point -> ids.add(point.open().snapshotId()));
    return ids;
  }

  /**
   * Creates or moves the due tags.
   *
   * @param keepMs how long after its commit a tagged snapshot is kept, in milliseconds
   */
  void create(long keepMs) {
    if (!due.isEmpty()) {
      References.change(
          sessions,
          references ->
              due.forEach(
                  point -> {
                    // Both tags of a commit point end at the same time.
                    long earlier =
                        point.open().timestampMillis() - point.sessions().timestampMillis();
                    long id = point.sessions().snapshotId();
                    tag(sessions, references, point.tag(), id, keepMs + earlier);
                  }));
      References.change(
          open,
          references ->
              due.forEach(
                  point -> tag(open, references, point.tag(), point.open().snapshotId(), keepMs)));
    }
  }

  private static void tag(
      Table table, ManageSnapshots references, String name, long snapshot, long ageMs) {
    if (table.snapshot(snapshot) == null) {
      // Another engine has expired it meanwhile.
      return;
    }
    if (table.refs().containsKey(name)) {
      references.replaceTag(name, snapshot);
    } else {
      references.createTag(name, snapshot);
    }
    references.setMaxRefAgeMs(name, Math.max(1, ageMs));
  }
}

package io.sessionize.maintenance;

import io.sessionize.summary.RunSummary;
import io.sessionize.table.Lineage;
import io.sessionize.table.References;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Creates tags on the sessions table and the staging table: {@code audit-YYYY-MM-DD} for each UTC
 * day and, if they are kept, {@code audit-YYYY-MM-DD-HH} for each hour. A tag holds the last commit
 * point of that period that was still in the history. The tag of the current period moves to the
 * newest commit point. Each tag has a maximum age, so any expiry keeps it until then and drops it
 * afterwards.
 */
final class AuditTags {

  /** How long the tags of a period are kept. */
  record Kept(Period period, Duration age) {}

  /** What a tag is named after: the time of the commit in UTC. */
  enum Period {
    DAY("'audit-'uuuu-MM-dd"),
    HOUR("'audit-'uuuu-MM-dd-HH");

    private final DateTimeFormatter name;

    Period(String pattern) {
      name = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }
  }

  /**
   * The snapshots of both tables at a commit point, and their tag.
   *
   * @param keepMs how long after its commit a tagged snapshot is kept, in milliseconds
   */
  private record Pair(Snapshot sessions, Snapshot open, String tag, long keepMs) {}

  private final Table sessions;
  private final Table open;
  private final List<Pair> due;

  private AuditTags(Table sessions, Table open, List<Pair> due) {
    this.sessions = sessions;
    this.open = open;
    this.due = due;
  }

  /**
   * Finds the tags that are missing or outdated.
   *
   * @param kept the periods to tag. Commit points that are older than their tags are kept are not
   *     tagged
   * @param nowMs current time, epoch milliseconds
   */
  static AuditTags due(Table sessions, Table open, List<Kept> kept, long nowMs) {
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
      if (!Lineage.isRunCommit(snapshot)) {
        continue;
      }
      Snapshot belongsTo = null;
      for (Kept period : kept) {
        String tag = period.period.name.format(Instant.ofEpochMilli(snapshot.timestampMillis()));
        long keepMs = period.age.toMillis();
        boolean isYoung = snapshot.timestampMillis() >= nowMs - keepMs;
        // Only the newest commit point of a period is looked at.
        if (isYoung && seen.add(tag)) {
          belongsTo = belongsTo == null ? belongsTo(snapshot, byContent) : belongsTo;
          Pair point = new Pair(belongsTo, snapshot, tag, keepMs);
          if (belongsTo != null && isOutdated(sessions, open, point)) {
            due.add(0, point);
          }
        }
      }
    }
    return new AuditTags(sessions, open, due);
  }

  private static Snapshot belongsTo(Snapshot open, Map<Long, Snapshot> byContent) {
    return byContent.get(Lineage.sessionsSnapshot(RunSummary.ofProperties(open.summary())));
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

  /** Creates or moves the due tags. */
  void create() {
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
                    tag(sessions, references, point.tag(), id, point.keepMs() + earlier);
                  }));
      References.change(
          open,
          references ->
              due.forEach(
                  point -> {
                    long id = point.open().snapshotId();
                    tag(open, references, point.tag(), id, point.keepMs());
                  }));
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

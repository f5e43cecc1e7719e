package io.sessionize.history;

import io.sessionize.Failure;
import io.sessionize.maintenance.Expiry;
import io.sessionize.maintenance.Maintenance;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * How the sessions table came to be what it is: the ancestry of its current snapshot. What a
 * rollback has abandoned is no part of it.
 */
public final class History {
  /** The point that is the newest commit. */
  public static final String NOW = "now";

  private final String name;
  private final Table table;
  private final Map<Long, Instant> published = new HashMap<>();
  private final List<Commit> commits = new ArrayList<>();
  private final Map<String, Commit> tags = new TreeMap<>();

  public History(String name, Table table) {
    this.name = TableNames.plain(name);
    this.table = table;
    for (HistoryEntry entry : table.history()) {
      published.putIfAbsent(entry.snapshotId(), Instant.ofEpochMilli(entry.timestampMillis()));
    }
    List<Snapshot> ancestors = new ArrayList<>();
    SnapshotUtil.currentAncestors(table).forEach(ancestors::add);
    Collections.reverse(ancestors);
    ancestors.forEach(snapshot -> commits.add(onlyOnce(commit(snapshot), snapshot)));
    if (commits.isEmpty()) {
      throw Failure.usage("%s has no snapshot yet: the first run makes one.", this.name);
    }
    table
        .refs()
        .forEach(
            (tag, ref) -> {
              Commit commit = commit(table.snapshot(ref.snapshotId()));
              if (ref.isTag() && (isKept(commit.snapshot()) || isOlder(commit))) {
                tags.put(tag, commit);
              }
            });
  }

  /** All that is kept without a gap, the oldest first. */
  public List<Commit> commits() {
    return Collections.unmodifiableList(commits);
  }

  /** When a run, a backfill or a recompute of ours last committed anything; null where none has. */
  public Instant lastOfOurs() {
    Instant last = null;
    for (Commit commit : commits) {
      if (commit.summary().filter(summary -> !summary.counts().isEmpty()).isPresent()) {
        last = commit.at();
      }
    }
    return last;
  }

  /** Whether there was a history before the oldest commit, which has expired. */
  public boolean hasExpired() {
    return commits.get(0).parent() != null;
  }

  /** Whether what a commit changed can still be told. */
  public boolean holdsParentOf(Commit commit) {
    return commit.parent() != null && isKept(commit.parent());
  }

  /** The commits after one up to and with another, as far as they are kept, the oldest first. */
  public List<Commit> between(Commit from, Commit to) {
    int first = commits.indexOf(from) + 1;
    return List.copyOf(commits.subList(first, Math.max(first, commits.indexOf(to) + 1)));
  }

  /**
   * The commit that a person means.
   *
   * @param point {@code now}; a snapshot id; a tag; an instant, for what readers saw then; a UTC
   *     date or {@code yesterday}, for what they saw when that day ended
   * @param now what {@code yesterday} counts from
   * @throws Failure of usage, naming what there is
   */
  public Commit at(String point, Instant now) {
    if (point.equals(NOW)) {
      return commits.get(commits.size() - 1);
    }
    Optional<Commit> named = bySnapshot(point).or(() -> Optional.ofNullable(tags.get(point)));
    return named.orElseGet(() -> newestBefore(end(point, now), point));
  }

  private Optional<Commit> bySnapshot(String point) {
    List<Commit> all = new ArrayList<>(commits);
    all.addAll(tags.values());
    return all.stream().filter(commit -> Long.toString(commit.snapshot()).equals(point)).findAny();
  }

  /** The first moment that a point in time does not include. */
  private Instant end(String point, Instant now) {
    if (point.equals("yesterday")) {
      return now.atOffset(ZoneOffset.UTC).toLocalDate().atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    try {
      return LocalDate.parse(point).plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      // Perhaps an instant.
    }
    try {
      return Instant.parse(point).plusMillis(1);
    } catch (DateTimeParseException e) {
      throw none(
          point,
          "is neither a kept snapshot or tag nor a time such as 2026-11-22, 2026-11-22T10:00:00Z or yesterday");
    }
  }

  private Commit newestBefore(Instant end, String point) {
    Commit newest = null;
    for (Commit commit : commits) {
      if (commit.at().isBefore(end)) {
        newest = commit;
      }
    }
    if (newest == null) {
      throw none(point, hasExpired() ? "has expired" : "is before the table was made");
    }
    return newest;
  }

  private Failure none(String point, String why) {
    Commit first = commits.get(0);
    Commit last = commits.get(commits.size() - 1);
    StringBuilder named = new StringBuilder();
    tags.forEach((tag, commit) -> named.append(", ").append(tag).append(" ").append(commit.at()));
    return Failure.usage(
        "'%s' %s: the history of %s is kept from snapshot %d (%s) to %d (%s); tags: %s.",
        point,
        why,
        name,
        first.snapshot(),
        first.at(),
        last.snapshot(),
        last.at(),
        named.isEmpty() ? "none" : named.substring(2));
  }

  private boolean isKept(long snapshot) {
    return commits.stream().anyMatch(commit -> commit.snapshot() == snapshot);
  }

  /** Expiry cuts the ancestry, but leaves what is tagged. */
  private boolean isOlder(Commit tagged) {
    return hasExpired() && tagged.at().isBefore(commits.get(0).at());
  }

  /** Maintenance repeats what the newest run has said, which counts where that one has expired. */
  private Commit onlyOnce(Commit commit, Snapshot snapshot) {
    boolean repeats = RunSummary.repeatedFor(snapshot.summary()).isPresent();
    return repeats && commits.stream().anyMatch(commit::isOfSameRun)
        ? commit.ofMaintenance()
        : commit;
  }

  private Commit commit(Snapshot snapshot) {
    Map<String, String> summary = snapshot.summary();
    return new Commit(
        snapshot.snapshotId(),
        snapshot.parentId(),
        published.getOrDefault(
            snapshot.snapshotId(), Instant.ofEpochMilli(snapshot.timestampMillis())),
        snapshot.operation(),
        RunSummary.isIn(summary)
            ? Optional.of(RunSummary.ofProperties(summary))
            : Optional.empty());
  }
}

package io.sessionize.history;

import io.sessionize.Failure;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Lineage;
import io.sessionize.table.SessionTables;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * The commits that led to the current state of the sessions table and the staging table: the
 * ancestry of their current snapshots. Snapshots that a rollback abandoned are not included.
 */
public final class History {
  /** Names the newest commit. */
  public static final String NOW = "now";

  /** With hourly tags there are more than a hundred. */
  private static final int TAGS = 30;

  private final String name;
  private final Table sessions;
  private final Table open;
  private final List<Commit> commits;
  private final List<Commit> staging;
  private final Map<String, Commit> tags = new TreeMap<>();

  /**
   * Reads the history of both tables.
   *
   * @throws Failure of usage, if there are no tables, or a newer version of the job made them;
   *     broken, if they are not tables of this job
   */
  public History(SessionTables tables) {
    name = TableNames.plain(tables.names().sessions());
    // The sessions table first: a concurrent run is then missing here, not partly present.
    sessions = tables.sessionsTable();
    open = tables.stagingTable();
    staging = commits(open, tables.names().open());
    commits = withProgress(commits(sessions, tables.names().sessions()));
    if (commits.isEmpty()) {
      throw Failure.usage("%s has no snapshot yet: the first run creates one.", name);
    }
    Map<Long, Instant> times = times(sessions);
    sessions
        .refs()
        .forEach(
            (tag, ref) -> {
              Commit commit =
                  commit(sessions.snapshot(ref.snapshotId()), tables.names().sessions(), times);
              if (ref.isTag() && (isKept(commit.id()) || isOlder(commit))) {
                tags.put(tag, commit);
              }
            });
  }

  private static List<Commit> commits(Table table, String name) {
    Map<Long, Instant> times = times(table);
    List<Commit> all = new ArrayList<>();
    SnapshotUtil.currentAncestors(table)
        .forEach(snapshot -> all.add(commit(snapshot, name, times)));
    Collections.reverse(all);
    // Maintenance repeats the newest run's summary. It counts only if that run's commit expired.
    Set<String> runs = new HashSet<>();
    List<Commit> commits = new ArrayList<>();
    for (Commit commit : all) {
      boolean isKnown = commit.run().filter(runs::contains).isPresent();
      commits.add(commit.isMaintenance() && isKnown ? commit.withoutSummary() : commit);
      commit.run().ifPresent(runs::add);
    }
    return Collections.unmodifiableList(commits);
  }

  /**
   * Adds the progress that staging records of each batch. A batch that crashed between its commits
   * has a snapshot of staging too, though no descendant, until it expires.
   */
  private List<Commit> withProgress(List<Commit> batches) {
    Map<Long, Progress> recorded = new HashMap<>();
    for (Snapshot snapshot : open.snapshots()) {
      if (RunSummary.isIn(snapshot.summary())) {
        RunSummary run = RunSummary.ofProperties(snapshot.summary());
        run.sessionsSnapshot().ifPresent(id -> recorded.putIfAbsent(id, run.requireProgress()));
      }
    }
    return batches.stream()
        .map(batch -> batch.with(Optional.ofNullable(recorded.get(contentOf(batch)))))
        .toList();
  }

  /** The snapshot that last changed the rows: maintenance repeats the summary of another one. */
  private long contentOf(Commit commit) {
    return RunSummary.repeatedFor(sessions.snapshot(commit.id()).summary()).orElse(commit.id());
  }

  private static Commit commit(Snapshot snapshot, String name, Map<Long, Instant> times) {
    return Commit.of(
        TableNames.plain(name),
        snapshot,
        times.getOrDefault(
            snapshot.snapshotId(), Instant.ofEpochMilli(snapshot.timestampMillis())));
  }

  /** When each snapshot became the current one. */
  private static Map<Long, Instant> times(Table table) {
    Map<Long, Instant> times = new HashMap<>();
    for (HistoryEntry entry : table.history()) {
      times.putIfAbsent(entry.snapshotId(), Instant.ofEpochMilli(entry.timestampMillis()));
    }
    return times;
  }

  /** The kept commits of the sessions table, the oldest first. */
  public List<Commit> commits() {
    return commits;
  }

  /** The kept commits of the staging table, the oldest first. */
  public List<Commit> staging() {
    return staging;
  }

  /**
   * The base of a batch.
   *
   * @param batch its commit of the sessions table
   * @return empty, if the snapshots or their summaries expired
   */
  public Optional<Base> base(Commit batch) {
    Optional<Snapshot> before = batch.parent().map(sessions::snapshot);
    Optional<Long> staged = batch.summary().flatMap(RunSummary::openSnapshot);
    if (before.isEmpty() || staged.map(open::snapshot).isEmpty()) {
      return Optional.empty();
    }
    long openSnapshot = staged.get();
    return Lineage.summary(open, openSnapshot)
        .map(summary -> Lineage.base(before.get(), sessions, openSnapshot, open, summary));
  }

  /** When a run, a backfill or a recompute last committed anything. */
  public Optional<Instant> lastRunAt() {
    return commits.stream()
        .filter(commit -> commit.summary().filter(run -> !run.counts().isEmpty()).isPresent())
        .map(Commit::at)
        .reduce((first, last) -> last);
  }

  /** Whether there was a history before the oldest commit, which has expired. */
  public boolean hasExpired() {
    return commits.get(0).parent().isPresent();
  }

  /** Whether the parent of a commit is kept, so that its changes can be computed. */
  public boolean holdsParentOf(Commit commit) {
    return commit.parent().filter(this::isKept).isPresent();
  }

  /** The kept commits after {@code from} up to and including {@code to}, the oldest first. */
  public List<Commit> between(Commit from, Commit to) {
    int first = commits.indexOf(from) + 1;
    return List.copyOf(commits.subList(first, Math.max(first, commits.indexOf(to) + 1)));
  }

  /**
   * Resolves a point in time given on the command line.
   *
   * @param point {@code now}; a snapshot id; a tag; an instant, for what readers saw then; a UTC
   *     date or {@code yesterday}, for what they saw when that day ended
   * @param now the current time, to resolve {@code yesterday}
   * @throws Failure of usage, if there is none; the message lists what is kept
   */
  public Commit at(String point, Instant now) {
    if (point.equals(NOW)) {
      return commits.get(commits.size() - 1);
    }
    return named(point).orElseGet(() -> newestBefore(end(point, now), point));
  }

  /** Whether a point in time, as for {@link #at}, is before the first commit of the table. */
  public boolean isBeforeCreation(String point, Instant now) {
    return !hasExpired()
        && !point.equals(NOW)
        && named(point).isEmpty()
        && !commits.get(0).at().isBefore(end(point, now));
  }

  private Optional<Commit> named(String point) {
    return bySnapshot(point).or(() -> Optional.ofNullable(tags.get(point)));
  }

  private Optional<Commit> bySnapshot(String point) {
    List<Commit> all = new ArrayList<>(commits);
    all.addAll(tags.values());
    return all.stream().filter(commit -> Long.toString(commit.id()).equals(point)).findAny();
  }

  /** The first moment that a point in time does not include. */
  private Instant end(String point, Instant now) {
    if (point.equals("yesterday")) {
      return now.atOffset(ZoneOffset.UTC).toLocalDate().atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    try {
      return LocalDate.parse(point).plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      // Not a date; an instant is tried next.
    }
    try {
      return Instant.parse(point).plusMillis(1);
    } catch (DateTimeParseException e) {
      throw none(
          point,
          "is neither a kept snapshot or tag nor a time such as 2026-11-22, 2026-11-22T10:00:00Z or"
              + " yesterday");
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
      throw none(point, hasExpired() ? "has expired" : "is before the creation of the table");
    }
    return newest;
  }

  private Failure none(String point, String why) {
    Commit first = commits.get(0);
    Commit last = commits.get(commits.size() - 1);
    return Failure.usage(
        "'%s' %s: the history of %s is kept from snapshot %d (%s) to %d (%s); tags: %s.",
        point, why, name, first.id(), first.at(), last.id(), last.at(), tags());
  }

  /**
   * The tags of this history, with the time of their commits, the newest first; at most {@value
   * #TAGS} of them by name.
   */
  public String tags() {
    String named =
        tags.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<String, Commit> tag) -> tag.getValue().at())
                    .reversed())
            .limit(TAGS)
            .map(tag -> tag.getKey() + " " + tag.getValue().at())
            .collect(Collectors.joining(", "));
    int more = tags.size() - TAGS;
    return tags.isEmpty() ? "none" : more > 0 ? named + " and " + more + " older ones" : named;
  }

  private boolean isKept(long snapshot) {
    return commits.stream().anyMatch(commit -> commit.id() == snapshot);
  }

  /** Whether a tagged commit is older than the kept ancestry: expiration keeps tagged snapshots. */
  private boolean isOlder(Commit tagged) {
    return hasExpired() && tagged.at().isBefore(commits.get(0).at());
  }
}

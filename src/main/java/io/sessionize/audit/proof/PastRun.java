package io.sessionize.audit.proof;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A past run, backfill or recompute, as the snapshots of the tables record it.
 *
 * @param batches its commits of the sessions table, the oldest first, at least one
 * @param staging its commits of the staging table, by the commit of the sessions table to which
 *     they belong; none if it crashed between the two, or has not committed staging yet
 * @param following external commits to the sessions table between this run and the next one
 * @param external external commits to either table between the previous run and the next one
 */
public record PastRun(
    List<Commit> batches,
    Map<Long, Commit> staging,
    List<Commit> following,
    List<Commit> external) {

  /** All runs in the history, the newest first. */
  static List<PastRun> of(History history) {
    List<Commit> sessions = history.commits();
    List<Commit> open = history.staging();
    Map<Long, Commit> staging = new HashMap<>();
    open.stream()
        .filter(Commit::isOfRun)
        .forEach(commit -> staging.putIfAbsent(belongsTo(commit), commit));
    Map<String, List<Commit>> batches = new LinkedHashMap<>();
    for (Commit commit : sessions) {
      if (commit.isOfRun()) {
        // Removed and added again: the order is that of the last batches.
        List<Commit> before = batches.remove(idOf(commit));
        List<Commit> known = before == null ? new ArrayList<>() : before;
        known.add(commit);
        batches.put(idOf(commit), known);
      }
    }
    List<PastRun> runs = new ArrayList<>();
    batches.values().forEach(run -> runs.add(of(run, staging, sessions, open)));
    Collections.reverse(runs);
    return runs;
  }

  private static PastRun of(
      List<Commit> batches, Map<Long, Commit> staging, List<Commit> sessions, List<Commit> open) {
    Set<Long> ids = batches.stream().map(Commit::id).collect(Collectors.toSet());
    Predicate<Commit> isBatch = commit -> ids.contains(commit.id());
    Predicate<Commit> isStaging = commit -> commit.isOfRun() && ids.contains(belongsTo(commit));
    Map<Long, Commit> own = new HashMap<>(staging);
    own.keySet().retainAll(ids);
    return new PastRun(
        List.copyOf(batches),
        Map.copyOf(own),
        foreign(sessions, isBatch, false),
        Stream.concat(
                foreign(sessions, isBatch, true).stream(), foreign(open, isStaging, true).stream())
            .toList());
  }

  /**
   * The external commits that directly follow one of these commits, and optionally those before
   * one.
   */
  private static List<Commit> foreign(
      List<Commit> commits, Predicate<Commit> of, boolean andBefore) {
    List<Commit> found = new ArrayList<>();
    List<Commit> between = new ArrayList<>();
    boolean follows = false;
    for (Commit commit : commits) {
      if (commit.isExternal()) {
        between.add(commit);
      } else if (commit.summary().isPresent()) {
        boolean precedes = of.test(commit);
        if (follows || andBefore && precedes) {
          found.addAll(between);
        }
        between.clear();
        follows = precedes;
      }
    }
    if (follows) {
      found.addAll(between);
    }
    return found;
  }

  private static String idOf(Commit commit) {
    return commit.run().orElseThrow();
  }

  /** The commit of the sessions table that a commit of staging belongs to. */
  private static long belongsTo(Commit staging) {
    return staging.summary().flatMap(RunSummary::sessionsSnapshot).orElseThrow();
  }

  /** Whether the text is the id of this run, or of one of its snapshots of the sessions table. */
  boolean is(String text) {
    return idOf(last()).equals(text)
        || batches.stream().anyMatch(batch -> Long.toString(batch.id()).equals(text));
  }

  Commit last() {
    return batches.get(batches.size() - 1);
  }

  /** The snapshot of the sessions table that its last batch published. */
  public long snapshot() {
    return last().id();
  }

  /** When its last batch published. */
  public Instant time() {
    return last().at();
  }

  /** What it was for. */
  public Work work() {
    return batches.stream()
        .map(batch -> batch.summary().orElseThrow().work())
        .reduce((earlier, later) -> later.after(earlier))
        .orElseThrow();
  }

  /**
   * The offsets that its batches read together, without batches that did not reach their commit
   * point.
   */
  public OffsetRange range() {
    Offsets from = Offsets.NONE;
    Offsets to = Offsets.NONE;
    for (Commit batch : batches) {
      from = from.orElse(range(batch).from());
      to = to.atLeast(range(batch).to());
    }
    return new OffsetRange(from, to);
  }

  /**
   * The offsets that one batch read, lost ones included; empty if it did not reach its commit
   * point.
   */
  static OffsetRange range(Commit batch) {
    if (batch.progress().isEmpty()) {
      return OffsetRange.NONE;
    }
    Progress read = batch.progress().get();
    Map<Partition, Long> begin = new HashMap<>();
    // A partition that appeared while the batch ran was read from its first offset.
    read.to().next().keySet().forEach(partition -> begin.put(partition, 0L));
    return new OffsetRange(read.from().orElse(new Offsets(begin)), read.to());
  }

  /** Whether each of its batches reached its commit point. */
  public boolean isCommitted() {
    return staging.size() == batches.size();
  }
}

package io.sessionize.audit.proof;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
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
 * A run, or a backfill, as the tables' snapshots tell of it.
 *
 * @param batches its commits of the sessions table, the oldest first, at least one
 * @param staging its commits of the staging table, by the commit of the sessions table to which
 *     they belong; none where it crashed between the two, or has not come so far yet
 * @param following commits of others to the sessions table between it and the next run
 * @param others commits of others to either table between the run before and the next run
 */
public record PastRun(
    List<Commit> batches, Map<Long, Commit> staging, List<Commit> following, List<Commit> others) {

  /** All runs that the history holds, the newest first. */
  static List<PastRun> of(History history) {
    List<Commit> sessions = history.commits();
    List<Commit> open = history.staging();
    Map<Long, Commit> staging = new HashMap<>();
    open.stream()
        .filter(Commit::isOfRun)
        .forEach(
            commit ->
                staging.putIfAbsent(commit.summary().orElseThrow().sessionsSnapshot(), commit));
    Map<String, List<Commit>> batches = new LinkedHashMap<>();
    for (Commit commit : sessions) {
      if (commit.isOfRun()) {
        // Removed first: the order is that of the last batches.
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
    Predicate<Commit> isStaging =
        commit ->
            commit.isOfRun() && ids.contains(commit.summary().orElseThrow().sessionsSnapshot());
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

  /** The commits of others that follow one of these directly, and those before one. */
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
    // The first snapshots of 0.1.0 do not say: each is a run of its own.
    String run = commit.summary().orElseThrow().run();
    return run.isEmpty() ? Long.toString(commit.id()) : run;
  }

  /** Whether it is meant by a run's id, or the id of a snapshot of the sessions table. */
  boolean is(String text) {
    return idOf(last()).equals(text)
        || batches.stream().anyMatch(batch -> Long.toString(batch.id()).equals(text));
  }

  Commit last() {
    return batches.get(batches.size() - 1);
  }

  /** The snapshot of the sessions table that its last batch has published. */
  public long snapshot() {
    return last().id();
  }

  /** When its last batch published. */
  public Instant time() {
    return last().at();
  }

  public String command() {
    return last().summary().orElseThrow().command();
  }

  /** What it read, all batches together. */
  public OffsetRange range() {
    Offsets from = Offsets.NONE;
    Offsets to = Offsets.NONE;
    for (Commit batch : batches) {
      from = from.orElse(range(batch).from());
      to = to.atLeast(range(batch).to());
    }
    return new OffsetRange(from, to);
  }

  /** What one batch read, or had lost. */
  static OffsetRange range(Commit batch) {
    Offsets to = new Offsets(batch.summary().orElseThrow().to());
    Map<Integer, Long> begin = new HashMap<>();
    // A partition that appeared while the batch ran was read from its first offset.
    to.next().keySet().forEach(partition -> begin.put(partition, 0L));
    return new OffsetRange(
        new Offsets(batch.summary().orElseThrow().from()).orElse(new Offsets(begin)), to);
  }

  /** Whether each of its batches reached its commit point. */
  public boolean isCommitted() {
    return staging.size() == batches.size();
  }
}

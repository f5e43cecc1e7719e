package io.sessionize.audit;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.summary.Base;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The commits of the sessions table that the last runs made, and all others between and after them:
 * external commits, and commits of runs that crashed before their commit point. Such commits
 * directly before the first of the runs belong to it too, so that no commit is left out between two
 * checks.
 *
 * @param runs how many runs the history holds, at most as many as asked for
 * @param commits the oldest first
 */
record LastRuns(long runs, List<Commit> commits) {

  /**
   * Finds the runs in the history that leads to a base.
   *
   * @param most how many runs; all batches of a run count as one
   */
  static LastRuns of(History history, Base base, long most) {
    Set<String> committed = new HashSet<>();
    for (Commit commit : upTo(base.openSnapshot(), history.staging())) {
      if (commit.isOfRun()) {
        commit.run().ifPresent(committed::add);
      }
    }
    List<Commit> commits = upTo(base.sessionsSnapshot(), history.commits());
    Set<String> runs = new HashSet<>();
    for (int i = commits.size() - 1; i >= 0 && runs.size() < most; i--) {
      if (commits.get(i).isOfRun()) {
        commits.get(i).run().filter(committed::contains).ifPresent(runs::add);
      }
    }
    int first = 0;
    while (first < commits.size() && !commits.get(first).run().filter(runs::contains).isPresent()) {
      first++;
    }
    while (first > 0 && isUnchecked(commits.get(first - 1), committed)) {
      first--;
    }
    return new LastRuns(runs.size(), List.copyOf(commits.subList(first, commits.size())));
  }

  private static boolean isUnchecked(Commit commit, Set<String> committed) {
    boolean crashed = commit.isOfRun() && !commit.run().filter(committed::contains).isPresent();
    return commit.summary().isEmpty() || crashed;
  }

  /** The commits up to a snapshot. A run may have committed since the base was read. */
  private static List<Commit> upTo(long snapshot, List<Commit> commits) {
    List<Commit> known = new ArrayList<>();
    for (Commit commit : commits) {
      known.add(commit);
      if (commit.id() == snapshot) {
        return known;
      }
    }
    return known;
  }
}

package io.sessionize.spark;

import io.sessionize.session.LookUp;
import io.sessionize.session.Reach;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.SearchedUsers;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The affected users with the times at which they are affected, as long as they are few. Bounded:
 * holds no user if there are more than 200, and not all times if there are more than 5,000.
 */
final class FewUsers implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int MOST_USERS = SearchedUsers.MOST_NAMED;

  /** Times of all users together. */
  static final int MOST_TIMES = 5_000;

  /** Epoch milliseconds; null if the users are too many. */
  private TreeMap<String, TreeSet<Long>> timesMs = new TreeMap<>();

  private int times;

  void add(String uuid, long timeMs) {
    add(uuid, List.of(timeMs));
  }

  void add(FewUsers others) {
    if (others.timesMs == null) {
      timesMs = null;
    } else {
      others.timesMs.forEach(this::add);
    }
  }

  private void add(String uuid, Collection<Long> moreMs) {
    if (timesMs == null) {
      return;
    }
    Set<Long> ofUser = timesMs.computeIfAbsent(uuid, user -> new TreeSet<>());
    if (timesMs.size() > MOST_USERS) {
      timesMs = null;
      return;
    }
    for (long timeMs : moreMs) {
      if (haveAllTimes() && ofUser.add(timeMs)) {
        times++;
      }
    }
  }

  /** The users; null if they are too many. */
  Set<String> names() {
    return timesMs == null ? null : timesMs.keySet();
  }

  /** Whether all users and all times are held. */
  boolean areKnown() {
    return timesMs != null && haveAllTimes();
  }

  private boolean haveAllTimes() {
    return times <= MOST_TIMES;
  }

  /**
   * The rows that the users reach, if {@link #areKnown}.
   *
   * @param rows of these users, each once
   */
  List<RowKey> reached(Collection<RowKey> rows, LookUp lookUp) {
    Map<String, List<RowKey>> ofUsers = new HashMap<>();
    rows.forEach(row -> ofUsers.computeIfAbsent(row.uuid(), user -> new ArrayList<>()).add(row));
    List<RowKey> reached = new ArrayList<>();
    ofUsers.forEach(
        (user, all) ->
            reached.addAll(
                new Reach<>(all, lookUp, RowKey::startMs, RowKey::endMs)
                    .of(timesMs.get(user).stream().mapToLong(Long::longValue).toArray())));
    return reached;
  }
}

package io.sessionize.spark;

import io.sessionize.session.LookUp;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.table.StartDays;
import java.io.Serializable;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/**
 * Describes in bounded memory which rows a look-up reads: the days on which they start, and the
 * users, all of them in a Bloom filter and, if they are few, by name.
 */
final class Wanted implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Iceberg compares at most so many literals with the statistics of files and row groups. */
  private static final int NAMES = 200;

  private final LookUp lookUp;
  private final BloomFilter users;
  private final StartDays days = new StartDays();
  private TreeSet<String> names = new TreeSet<>();

  /**
   * @param expected about how many users there are
   */
  Wanted(LookUp lookUp, long expected) {
    this.lookUp = lookUp;
    this.users = UserFilter.of(expected);
  }

  /** Adds a user and a time at which the user is affected, epoch milliseconds. */
  Wanted add(String uuid, long timeMs) {
    users.putString(uuid);
    addNames(Set.of(uuid));
    if (timeMs <= LookUp.FROM_THE_BEGINNING) {
      days.addAll();
    } else {
      // The rows beside the time, and those beside these.
      days.add(
          lookUp.leastStartMs(lookUp.leastStartMs(timeMs)),
          timeMs + 2 * lookUp.timeoutMs() + lookUp.maxMs());
    }
    return this;
  }

  Wanted add(Wanted other) {
    try {
      users.mergeInPlace(other.users);
    } catch (IncompatibleMergeException e) {
      throw new IllegalStateException(e);
    }
    days.add(other.days);
    if (other.names == null) {
      names = null;
    } else {
      addNames(other.names);
    }
    return this;
  }

  private void addNames(Set<String> more) {
    if (names != null) {
      names.addAll(more);
      names = names.size() > NAMES ? null : names;
    }
  }

  boolean isEmpty() {
    return names != null && names.isEmpty();
  }

  SearchedUsers users() {
    return names == null ? SearchedUsers.many(users) : SearchedUsers.few(names);
  }

  StartDays days() {
    return days;
  }
}

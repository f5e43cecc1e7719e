package io.sessionize.spark;

import io.sessionize.session.LookUp;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.spark.internal.UserFilter;
import io.sessionize.table.StartDays;
import java.io.Serializable;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * Describes in bounded memory which rows a look-up reads: the days on which they start, and the
 * users, all of them in a Bloom filter and, if they are few, by name and with their times.
 */
final class Wanted implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LookUp lookUp;
  private final BloomFilter users;
  private final StartDays days = new StartDays();
  private final FewUsers few = new FewUsers();

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
    few.add(uuid, timeMs);
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
    UserFilter.merge(users, other.users);
    days.add(other.days);
    few.add(other.few);
    return this;
  }

  boolean isEmpty() {
    return few.names() != null && few.names().isEmpty();
  }

  SearchedUsers users() {
    return few.names() == null ? SearchedUsers.many(users) : SearchedUsers.few(few.names());
  }

  FewUsers few() {
    return few;
  }

  StartDays days() {
    return days;
  }
}

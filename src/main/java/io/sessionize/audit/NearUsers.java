package io.sessionize.audit;

import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.spark.internal.UserFilter;
import io.sessionize.table.StartDays;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * The users of judged rows, with the UTC days on which the neighbours of their rows may start. An
 * hour has most of its rows on one day or two, and few late ones on many others. On days with few
 * users, the users are known by name. So most row groups of these days are not read.
 *
 * <p>Bounded: holds the days, all users in a Bloom filter, and at most 5,000 names of up to 200
 * bytes. A day with a longer one is a day of many users.
 */
final class NearUsers implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int MOST_NAMES = 5_000;
  private static final int LONGEST_NAME = 200;

  /** 9999-12-31, and as far before 1970. An external statement may have set any time. */
  private static final long MOST_MS = 253_402_300_799_999L;

  private final long beforeMs;
  private final long afterMs;
  private final BloomFilter users;
  private final Map<Integer, Set<String>> namesOfDays = new TreeMap<>();
  private final Set<Integer> daysOfMany = new TreeSet<>();
  private int nameCount;

  /** Whether neighbours may start on any day, of any of the users. */
  private boolean anywhere;

  /** Days, and the users whose neighbours are searched on them. */
  record Group(StartDays days, SearchedUsers users) {}

  /**
   * @param beforeMs how long before a row its neighbours may start, in milliseconds
   * @param afterMs how long after its start
   * @param expected about how many users there are
   */
  NearUsers(long beforeMs, long afterMs, long expected) {
    this.beforeMs = beforeMs;
    this.afterMs = afterMs;
    this.users = UserFilter.of(expected);
  }

  /**
   * Adds the user of a row.
   *
   * @param uuid the bytes of the user
   * @param startMs when the row starts, epoch milliseconds; null if it is not known
   */
  NearUsers add(byte[] uuid, Long startMs) {
    users.putBinary(uuid);
    String name = new String(uuid, StandardCharsets.UTF_8);
    // An external statement may have written any bytes. These are no name to search for.
    if (startMs == null || !Arrays.equals(name.getBytes(StandardCharsets.UTF_8), uuid)) {
      anywhere = true;
      return this;
    }
    long known = Math.max(-MOST_MS, Math.min(MOST_MS, startMs));
    for (int day = day(known - beforeMs); day <= day(known + afterMs); day++) {
      if (uuid.length <= LONGEST_NAME) {
        add(day, List.of(name));
      } else {
        addMany(day);
      }
    }
    return this;
  }

  NearUsers add(NearUsers others) {
    UserFilter.merge(users, others.users);
    anywhere |= others.anywhere;
    others.daysOfMany.forEach(this::addMany);
    others.namesOfDays.forEach(this::add);
    return this;
  }

  private void add(int day, Collection<String> more) {
    if (daysOfMany.contains(day)) {
      return;
    }
    Set<String> ofDay = namesOfDays.computeIfAbsent(day, empty -> new HashSet<>());
    for (String name : more) {
      nameCount += ofDay.add(name) ? 1 : 0;
    }
    if (ofDay.size() > SearchedUsers.MOST_NAMED || nameCount > MOST_NAMES) {
      addMany(day);
    }
  }

  private void addMany(int day) {
    daysOfMany.add(day);
    Set<String> known = namesOfDays.remove(day);
    nameCount -= known == null ? 0 : known.size();
  }

  private static int day(long timeMs) {
    return (int) Math.floorDiv(timeMs, TimeUnit.DAYS.toMillis(1));
  }

  /**
   * The days in two groups: those on which all of the users are searched, then those on which few
   * are, by name. A day is in one of them. The users of the second group are at most {@value
   * SearchedUsers#MOST_NAMED} in all; the days of the fewest users are in it.
   */
  List<Group> groups() {
    StartDays ofMany = new StartDays();
    if (anywhere) {
      ofMany.addAll();
    }
    StartDays ofFew = new StartDays();
    daysOfMany.forEach(day -> add(ofMany, day));
    Set<String> few = new TreeSet<>();
    namesOfDays.entrySet().stream()
        .sorted(Comparator.comparingInt(day -> day.getValue().size()))
        .forEach(
            day -> {
              Set<String> more = new TreeSet<>(few);
              more.addAll(day.getValue());
              boolean fits = more.size() <= SearchedUsers.MOST_NAMED;
              add(fits ? ofFew : ofMany, day.getKey());
              if (fits) {
                few.addAll(more);
              }
            });
    return List.of(
        new Group(ofMany, SearchedUsers.many(users)), new Group(ofFew, SearchedUsers.few(few)));
  }

  private static void add(StartDays days, int day) {
    long timeMs = TimeUnit.DAYS.toMillis(day);
    days.add(timeMs, timeMs);
  }
}

package io.sessionize.session;

import io.sessionize.Failure;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A time zone whose days end sessions. Its offset from UTC at each time is that of the Java that
 * created it, from 2000 to the end of 2037. No event is earlier, and later times have the last
 * offset. So the text, which the tables record, has the name of the zone and a hash of these
 * offsets: an update of the zone data that does not change them makes no other text. Executors get
 * the offsets from the driver.
 */
public final class DayZone implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Instant FROM = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2038-01-01T00:00:00Z");
  private static final int HASH_BYTES = 8;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final long MS_PER_SECOND = 1_000;

  private final String name;
  private final String recorded;

  /** The seconds since the epoch from which each offset holds. The first is that of 2000. */
  private final long[] from;

  private final int[] offsets;

  private DayZone(String name, ZoneRules rules, String recorded) {
    SortedMap<Long, Integer> all = new TreeMap<>();
    all.put(FROM.getEpochSecond(), rules.getOffset(FROM).getTotalSeconds());
    ZoneOffsetTransition next = rules.nextTransition(FROM);
    while (next != null && next.getInstant().isBefore(TO)) {
      all.put(next.toEpochSecond(), next.getOffsetAfter().getTotalSeconds());
      next = rules.nextTransition(next.getInstant());
    }
    this.name = name;
    this.from = all.keySet().stream().mapToLong(Long::longValue).toArray();
    this.offsets = all.values().stream().mapToInt(Integer::intValue).toArray();
    this.recorded = recorded == null ? hash() : recorded;
  }

  /**
   * Returns a zone with the offsets of this Java.
   *
   * @param name such as {@code Europe/Berlin}
   * @throws Failure of usage, if this Java has no such zone
   */
  public static DayZone of(String name) {
    return new DayZone(name, rules(name), null);
  }

  /**
   * Parses the {@link #text} of a zone.
   *
   * @throws Failure of usage, if this Java has no such zone
   */
  static DayZone parse(String text) {
    int hash = text.lastIndexOf('@');
    String name = text.substring(0, Math.max(hash, 0));
    return new DayZone(name, rules(name), text.substring(hash + 1));
  }

  private static ZoneRules rules(String name) {
    try {
      return ZoneId.of(name).getRules();
    } catch (DateTimeException e) {
      throw Failure.usage(
          "day_in '%s' is no time zone of this Java: give a name such as Europe/Berlin.", name);
    }
  }

  private String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String all = Arrays.toString(from) + Arrays.toString(offsets);
      byte[] bytes = digest.digest(all.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(bytes, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The zone with the offsets of this Java, whatever the tables record. */
  DayZone ofThisJava() {
    return of(name);
  }

  /**
   * Checks that this Java has the recorded offsets.
   *
   * @throws Failure of usage, if it has others
   */
  void validate() {
    if (!recorded.equals(hash())) {
      throw Failure.usage(
          "This Java knows other clock changes of %s, from 2000 to 2037, than the one that made the tables: use its zone"
              + " data, or recompute the whole table.",
          name);
    }
  }

  /** The days since the epoch in this zone at a time, epoch milliseconds. */
  long dayOf(long timeMs) {
    long seconds = Math.floorDiv(timeMs, MS_PER_SECOND);
    int found = Arrays.binarySearch(from, seconds);
    // Between two of them, the earlier one holds.
    int holds = Math.max(0, found >= 0 ? found : -found - 2);
    return Math.floorDiv(seconds + offsets[holds], SECONDS_PER_DAY);
  }

  /** Returns its name. */
  public String name() {
    return name;
  }

  /** The zone in one word. Equal texts mean equal zones. */
  public String text() {
    return name + "@" + recorded;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DayZone zone && text().equals(zone.text());
  }

  @Override
  public int hashCode() {
    return text().hashCode();
  }

  @Override
  public String toString() {
    return text();
  }
}

package io.sessionize.session;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.ObjectOutputStream;
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
 * A time zone whose days end sessions. Its offsets from UTC are those that this Java knows from
 * 2000 to the end of 2037. No event is earlier, and later times have the last offset. The tables
 * record its {@link #text}: the name, and a hash of these offsets. An update of the zone data that
 * does not change them makes no other text. The offsets of a recorded zone are got when they are
 * first needed, so that its text can be read without them. Executors get the offsets from the
 * driver.
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

  /** Null until they are needed. */
  private Offsets offsets;

  /**
   * Offsets from UTC in seconds.
   *
   * @param from the seconds since the epoch from which each offset holds. The first is that of
   *     2000.
   */
  private record Offsets(long[] from, int[] seconds) implements Serializable {
    static Offsets of(ZoneRules rules) {
      SortedMap<Long, Integer> all = new TreeMap<>();
      all.put(FROM.getEpochSecond(), rules.getOffset(FROM).getTotalSeconds());
      ZoneOffsetTransition next = rules.nextTransition(FROM);
      while (next != null && next.getInstant().isBefore(TO)) {
        all.put(next.toEpochSecond(), next.getOffsetAfter().getTotalSeconds());
        next = rules.nextTransition(next.getInstant());
      }
      return new Offsets(
          all.keySet().stream().mapToLong(Long::longValue).toArray(),
          all.values().stream().mapToInt(Integer::intValue).toArray());
    }

    String hash() {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        String all = Arrays.toString(from) + Arrays.toString(seconds);
        byte[] bytes = digest.digest(all.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(bytes, 0, HASH_BYTES);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    int at(long time) {
      int found = Arrays.binarySearch(from, time);
      // Between two of them, the earlier one holds.
      return seconds[Math.max(0, found >= 0 ? found : -found - 2)];
    }
  }

  private DayZone(String name, String recorded, Offsets offsets) {
    this.name = name;
    this.recorded = recorded;
    this.offsets = offsets;
  }

  /**
   * Returns a zone with the offsets of this Java.
   *
   * @param name such as {@code Europe/Berlin}
   * @throws Failure of usage, if this Java has no such zone
   */
  public static DayZone of(String name) {
    try {
      return of(name, ZoneId.of(name).getRules());
    } catch (DateTimeException e) {
      throw Failure.usage(
          "day_in '%s' is no time zone of this Java: give a name such as Europe/Berlin.", name);
    }
  }

  private static DayZone of(String name, ZoneRules rules) {
    Offsets offsets = Offsets.of(rules);
    return new DayZone(name, offsets.hash(), offsets);
  }

  /** Parses the {@link #text} of a zone. This Java need not know it. */
  static DayZone parse(String text) {
    int hash = text.lastIndexOf('@');
    return new DayZone(text.substring(0, Math.max(hash, 0)), text.substring(hash + 1), null);
  }

  private Offsets offsets() {
    if (offsets == null) {
      offsets = Offsets.of(rules());
    }
    return offsets;
  }

  private ZoneRules rules() {
    try {
      return ZoneId.of(name).getRules();
    } catch (DateTimeException e) {
      throw Failure.usage(
          "The tables record day_in %s, which is no time zone of this Java: use a Java that has it, or recompute the"
              + " whole table with another day_in.",
          name);
    }
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    offsets();
    out.defaultWriteObject();
  }

  /**
   * The zone with the offsets of this Java, whatever the tables record.
   *
   * @throws Failure of usage, if this Java has no such zone
   */
  DayZone ofThisJava() {
    return of(name, rules());
  }

  /**
   * Checks that this Java has the recorded offsets.
   *
   * @throws Failure of usage, if it has others, or no such zone
   */
  void validate() {
    if (!recorded.equals(offsets().hash())) {
      throw Failure.usage(
          "This Java knows other clock changes of %s, from 2000 to 2037, than the one that made the tables: use its zone"
              + " data, or recompute the whole table.",
          name);
    }
  }

  /** The days since the epoch in this zone at a time, epoch milliseconds. */
  long dayOf(long timeMs) {
    long seconds = Math.floorDiv(timeMs, MS_PER_SECOND);
    return Math.floorDiv(seconds + offsets().at(seconds), SECONDS_PER_DAY);
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

package io.sessionize.table;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.util.Collections;
import java.util.StringJoiner;

/**
 * Offsets as a condition of literals, which prunes the files of the rejected table. Numbers are
 * formatted with {@code %s}: {@code %d} writes the digits of the locale, which SQL does not know.
 */
final class OffsetCondition {
  /** Iceberg compares each file with each range. */
  private static final int MOST_RANGES = 100;

  private OffsetCondition() {}

  /**
   * A condition that is true for rows of these offsets. It may be true for others too: it does not
   * look at the topic, and at the partition only if there are few of them.
   *
   * @param alias of the table, with a dot; empty for none
   */
  static String of(String alias, OffsetRange range) {
    if (range.isEmpty()) {
      return "false";
    }
    if (range.from().next().size() > MOST_RANGES) {
      long first = range.from().next().values().stream().mapToLong(Long::longValue).min().orElse(0);
      long next = range.to().next().values().stream().mapToLong(Long::longValue).max().orElse(0);
      return within(alias, first, next);
    }
    StringJoiner ranges = new StringJoiner(" OR ");
    range
        .from()
        .next()
        .forEach(
            (partition, first) ->
                ranges.add(within(alias, partition, first, range.to().next().get(partition))));
    return ranges.toString();
  }

  /** A condition that is true for rows at or after these offsets. It may be true for others too. */
  static String after(Offsets offsets) {
    if (offsets.next().size() > MOST_RANGES) {
      return "`offset` >= " + Collections.min(offsets.next().values());
    }
    StringJoiner ranges = new StringJoiner(" OR ");
    offsets
        .next()
        .forEach(
            (partition, first) ->
                ranges.add(
                    String.format(
                        "(`partition` = %s AND `offset` >= %s)", partition.number(), first)));
    return ranges.toString();
  }

  private static String within(String alias, Partition partition, long first, long next) {
    return String.format(
        "(%s`partition` = %s AND %s)", alias, partition.number(), within(alias, first, next));
  }

  private static String within(String alias, long first, long next) {
    return String.format("%s`offset` >= %s AND %s`offset` < %s", alias, first, alias, next);
  }
}

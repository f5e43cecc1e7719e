package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses one end of a range on the command line: {@code web:0:100,web:1:50}, {@code 0:100,1:50} for
 * the job's topic, Spark's {@code {"web":{"0":100}}} (in which -2 is earliest and -1 latest),
 * {@code earliest} or {@code latest}.
 */
public final class OffsetSpecifier {
  private static final Pattern OFFSET =
      Pattern.compile("(?:([\\w.-]{1,249}):)?(\\d{1,9}):(\\d{1,18})");
  private static final long EARLIEST = -2;

  private OffsetSpecifier() {}

  /**
   * Resolves the text to offsets.
   *
   * @throws Failure of usage, if it cannot be parsed or names a missing partition
   */
  public static Offsets resolve(String text, KafkaTopic topic) {
    return switch (text) {
      case "earliest" -> topic.earliest();
      case "latest" -> topic.latest();
      default -> resolved(given(text, topic.name()), topic);
    };
  }

  /**
   * The offsets in the text; empty if it needs those of Kafka (earliest, latest).
   *
   * @throws Failure of usage, if it cannot be parsed
   */
  public static Optional<Offsets> named(String text, String topic) {
    return switch (text) {
      case "earliest", "latest" -> Optional.empty();
      default ->
          Optional.of(given(text, topic))
              .filter(offsets -> offsets.next().values().stream().allMatch(next -> next >= 0));
    };
  }

  /**
   * Checks the first offsets that are to be read: {@code earliest}, or the offsets themselves. The
   * end of the topic is refused, because the records before it would never be read.
   *
   * @throws Failure of usage
   */
  public static void checkBegin(String text, String topic) {
    if (!text.equals("earliest") && named(text, topic).isEmpty()) {
      throw Failure.usage(
          "--from %s would skip records that the tables may not hold: give earliest, or offsets such as 0:100,1:50."
              + " Records that were read before count once.",
          text);
    }
  }

  private static Offsets given(String text, String topic) {
    Offsets offsets = text.startsWith("{") ? json(text) : pairs(text, topic);
    for (Partition partition : offsets.next().keySet()) {
      if (!partition.topic().equals(topic)) {
        throw Failure.usage(
            "Offsets '%s' name topic %s, but the job reads %s.", text, partition.topic(), topic);
      }
    }
    if (offsets.isEmpty()) {
      throw Failure.usage("Offsets %s name no partition of topic %s.", text, topic);
    }
    return offsets;
  }

  private static Offsets pairs(String text, String topic) {
    Map<Partition, Long> offsets = new TreeMap<>();
    for (String pair : text.split(",", -1)) {
      Matcher parts = OFFSET.matcher(pair);
      if (!parts.matches()) {
        throw Failure.usage(
            "Offsets must be given as 0:100,1:50 or TOPIC:0:100,TOPIC:1:50 or {\"TOPIC\":{\"0\":100}} or earliest or"
                + " latest, not '%s'.",
            text);
      }
      String named = parts.group(1) == null ? topic : parts.group(1);
      Partition partition = new Partition(named, Integer.parseInt(parts.group(2)));
      if (offsets.put(partition, Long.valueOf(parts.group(3))) != null) {
        throw Failure.usage("Offsets '%s' name partition %s twice.", text, partition);
      }
    }
    return new Offsets(offsets);
  }

  private static Offsets json(String text) {
    Offsets given;
    try {
      given = Offsets.ofJson(text);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("Offsets are not in Spark's form {\"TOPIC\":{\"0\":100}}: %s.", text);
    }
    given
        .next()
        .forEach(
            (partition, offset) -> {
              if (offset < EARLIEST) {
                throw Failure.usage(
                    "Offset %d of partition %s is not valid: -2 is earliest, -1 is latest.",
                    offset, partition);
              }
            });
    return given;
  }

  private static Offsets resolved(Offsets given, KafkaTopic topic) {
    Map<Partition, Long> offsets = new TreeMap<>();
    given
        .next()
        .forEach(
            (partition, offset) ->
                offsets.put(partition, offset < 0 ? named(offset, partition, topic) : offset));
    return new Offsets(offsets);
  }

  private static long named(long offset, Partition partition, KafkaTopic topic) {
    Offsets end = offset == EARLIEST ? topic.earliest() : topic.latest();
    if (!end.next().containsKey(partition)) {
      throw Failure.usage("Topic %s has no partition %d.", topic.name(), partition.number());
    }
    return end.next().get(partition);
  }
}

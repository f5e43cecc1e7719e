package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses one end of a range on the command line: {@code web:0:100,web:1:50}, {@code 0:100,1:50} for
 * a job of one topic, Spark's {@code {"web":{"0":100}}} (in which -2 is earliest and -1 latest),
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
  public static Offsets resolve(String text, KafkaTopics topics) {
    return switch (text) {
      case "earliest" -> topics.earliest();
      case "latest" -> topics.latest();
      default -> resolved(given(text, topics.names(), true), topics);
    };
  }

  /**
   * The offsets in the text; empty if it needs those of Kafka (earliest, latest).
   *
   * @param topics that the job reads
   * @param known false if the tables may record other topics, so that their names are not checked
   * @throws Failure of usage, if it cannot be parsed
   */
  public static Optional<Offsets> named(String text, Set<String> topics, boolean known) {
    return switch (text) {
      case "earliest", "latest" -> Optional.empty();
      default ->
          Optional.of(given(text, topics, known))
              .filter(offsets -> offsets.next().values().stream().allMatch(next -> next >= 0));
    };
  }

  /**
   * Checks the first offsets that are to be read: {@code earliest}, or the offsets themselves. The
   * end of the topic is refused, because the records before it would never be read.
   *
   * @param topics that the job reads
   * @param known as of {@link #named}
   * @throws Failure of usage
   */
  public static void checkBegin(String text, Set<String> topics, boolean known) {
    if (!text.equals("earliest") && named(text, topics, known).isEmpty()) {
      throw Failure.usage(
          "--from %s would skip records that the tables may not hold: give earliest, or offsets such as 0:100,1:50."
              + " Records that were read before count once.",
          text);
    }
  }

  private static Offsets given(String text, Set<String> topics, boolean known) {
    Offsets offsets = text.startsWith("{") ? json(text) : pairs(text, topics);
    for (String topic : offsets.topics()) {
      if (known && !topics.contains(topic)) {
        throw Failure.usage(
            "Offsets '%s' name topic %s, but the job reads %s.",
            text, topic, String.join(", ", topics));
      }
    }
    if (offsets.isEmpty()) {
      throw Failure.usage(
          "Offsets %s name no partition of topic %s.", text, String.join(", ", topics));
    }
    return offsets;
  }

  private static Offsets pairs(String text, Set<String> topics) {
    Map<Partition, Long> offsets = new TreeMap<>();
    for (String pair : text.split(",", -1)) {
      Matcher parts = OFFSET.matcher(pair);
      if (!parts.matches()) {
        throw Failure.usage(
            "Offsets must be given as 0:100,1:50 or TOPIC:0:100,TOPIC:1:50 or {\"TOPIC\":{\"0\":100}} or earliest or"
                + " latest, not '%s'.",
            text);
      }
      String topic = parts.group(1) == null ? only(topics, text) : parts.group(1);
      Partition partition = new Partition(topic, Integer.parseInt(parts.group(2)));
      if (offsets.put(partition, Long.valueOf(parts.group(3))) != null) {
        throw Failure.usage("Offsets '%s' name partition %s twice.", text, partition);
      }
    }
    return new Offsets(offsets);
  }

  private static String only(Set<String> topics, String text) {
    if (topics.size() > 1) {
      throw Failure.usage(
          "Offsets '%s' do not name the topic, and the job reads several (%s): write TOPIC:0:100.",
          text, String.join(", ", topics));
    }
    return topics.iterator().next();
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

  private static Offsets resolved(Offsets given, KafkaTopics topics) {
    Map<Partition, Long> offsets = new TreeMap<>();
    given
        .next()
        .forEach(
            (partition, offset) ->
                offsets.put(partition, offset < 0 ? named(offset, partition, topics) : offset));
    return new Offsets(offsets);
  }

  private static long named(long offset, Partition partition, KafkaTopics topics) {
    Offsets end = offset == EARLIEST ? topics.earliest() : topics.latest();
    if (!end.next().containsKey(partition)) {
      throw Failure.usage("Topic %s has no partition %d.", partition.topic(), partition.number());
    }
    return end.next().get(partition);
  }
}

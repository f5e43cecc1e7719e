package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One end of a range as a user gives it: {@code 0:100,1:50}, Spark's {@code {"topic":{"0":100}}}
 * (in which -2 is earliest and -1 latest), {@code earliest} or {@code latest}.
 */
public final class OffsetSpecifier {
  private static final Pattern PAIRS = Pattern.compile("\\d{1,9}:\\d{1,18}(,\\d{1,9}:\\d{1,18})*");
  private static final long EARLIEST = -2;

  private OffsetSpecifier() {}

  /**
   * The offsets that the text means.
   *
   * @throws Failure of usage, where it means none
   */
  public static Offsets resolve(String text, KafkaTopic topic) {
    return switch (text) {
      case "earliest" -> topic.earliest();
      case "latest" -> topic.latest();
      default ->
          text.startsWith("{") ? resolved(sparkJson(text, topic.name()), topic) : pairs(text);
    };
  }

  /**
   * The offsets that the text names itself; empty where only Kafka can tell them.
   *
   * @throws Failure of usage, where it means none
   */
  public static Optional<Offsets> named(String text, String topic) {
    return switch (text) {
      case "earliest", "latest" -> Optional.empty();
      default ->
          Optional.of(text.startsWith("{") ? sparkJson(text, topic) : pairs(text))
              .filter(offsets -> offsets.next().values().stream().allMatch(next -> next >= 0));
    };
  }

  private static Offsets pairs(String text) {
    if (!PAIRS.matcher(text).matches()) {
      throw Failure.usage(
          "Offsets must be given as 0:100,1:50 or {\"TOPIC\":{\"0\":100}} or earliest or latest, not '%s'.",
          text);
    }
    Map<Integer, Long> offsets = new TreeMap<>();
    for (String pair : text.split(",")) {
      String[] parts = pair.split(":");
      if (offsets.put(Integer.valueOf(parts[0]), Long.valueOf(parts[1])) != null) {
        throw Failure.usage("Offsets '%s' name partition %s twice.", text, parts[0]);
      }
    }
    return new Offsets(offsets);
  }

  private static Offsets sparkJson(String text, String topic) {
    Offsets given;
    try {
      given = Offsets.ofSparkJson(text, topic);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("%s.", e.getMessage());
    }
    if (given.next().isEmpty()) {
      throw Failure.usage("Offsets %s name no partition of topic %s.", text, topic);
    }
    given
        .next()
        .forEach(
            (partition, offset) -> {
              if (offset < EARLIEST) {
                throw Failure.usage(
                    "Offset %d of partition %d means nothing: -2 is earliest, -1 is latest.",
                    offset, partition);
              }
            });
    return given;
  }

  private static Offsets resolved(Offsets given, KafkaTopic topic) {
    Map<Integer, Long> offsets = new TreeMap<>();
    given
        .next()
        .forEach(
            (partition, offset) ->
                offsets.put(partition, offset < 0 ? named(offset, partition, topic) : offset));
    return new Offsets(offsets);
  }

  private static long named(long offset, int partition, KafkaTopic topic) {
    Offsets end = offset == EARLIEST ? topic.earliest() : topic.latest();
    if (!end.next().containsKey(partition)) {
      throw Failure.usage("Topic %s has no partition %d.", topic.name(), partition);
    }
    return end.next().get(partition);
  }
}

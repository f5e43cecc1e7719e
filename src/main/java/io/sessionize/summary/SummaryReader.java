package io.sessionize.summary;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.offsets.PartitionJson;
import io.sessionize.session.Partition;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work.Command;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads a {@link RunSummary} from the properties of a snapshot's summary. */
final class SummaryReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader TEXTS =
      JSON.readerFor(new TypeReference<Map<String, String>>() {});
  private static final ObjectReader NUMBERS =
      JSON.readerFor(new TypeReference<Map<String, Long>>() {});

  private final Map<String, String> properties;

  SummaryReader(Map<String, String> properties) {
    this.properties = properties;
  }

  /**
   * Reads the summary.
   *
   * @throws Failure broken, naming the property that is missing or cannot be read
   */
  RunSummary read() {
    return new RunSummary(
        new Origin(text("version"), optional("run"), number("batch"), work()),
        optional("clock-ms").map(clock -> settings()),
        optionalNumber("watermark-before-ms"),
        optionalNumber("watermark-ms"),
        text("rules"),
        optionalNumber("open-snapshot"),
        optionalNumber("sessions-snapshot"),
        counts(),
        properties.containsKey(RunSummary.PREFIX + "topics")
            ? Optional.of(progress())
            : Optional.empty());
  }

  private Work work() {
    return new Work(
        value("work", text("work"), Command::of),
        optional("work-users").map(text -> value("work-users", text, Integer::valueOf)),
        optional("work-from").map(text -> value("work-from", text, LocalDate::parse)),
        optional("work-to").map(text -> value("work-to", text, LocalDate::parse)));
  }

  private Settings settings() {
    return new Settings(
        number("clock-ms"),
        number("clock-skew-ms"),
        optionalNumber("late-horizon-ms"),
        text("definition"),
        optional("set-aside")
            .map(text -> value("set-aside", text, SetAside::parse))
            .orElse(SetAside.NONE),
        optional(RunSummary.SESSION_COLUMNS));
  }

  private Progress progress() {
    return new Progress(
        topics(),
        offsets("offsets-from"),
        offsets("offsets-to"),
        offsets("offsets-next"),
        lost(),
        new Watermark(
            optionalNumber("watermark-ms").orElse(Watermark.NONE),
            partitions("partition-times-ms"),
            optionalNumber("newest-record-ms").orElse(Watermark.NONE),
            optionalNumber("record-ahead-ms").orElse(Watermark.NONE)),
        number("open-published"),
        optionalNumber("oldest-open-end-ms"),
        optional("retries")
            .map(text -> value("retries", text, SummaryReader::snapshots))
            .orElse(Set.of()),
        columns());
  }

  private ColumnProgress columns() {
    return new ColumnProgress(
        optional(RunSummary.COLUMNS_COMPLETE)
            .map(text -> value(RunSummary.COLUMNS_COMPLETE, text, Integer::valueOf))
            .orElse(0),
        optional(RunSummary.COLUMNS_THROUGH)
            .map(text -> value(RunSummary.COLUMNS_THROUGH, text, ColumnProgress.Through::parse)));
  }

  private static Set<Long> snapshots(String text) {
    return Stream.of(text.split(",")).map(Long::valueOf).collect(Collectors.toUnmodifiableSet());
  }

  private OffsetRange lost() {
    if (optional("offsets-lost-from").isEmpty()) {
      return OffsetRange.NONE;
    }
    Offsets from = offsets("offsets-lost-from");
    return value(
        "offsets-lost-to",
        text("offsets-lost-to"),
        to -> new OffsetRange(from, new Offsets(PartitionJson.read(to))));
  }

  private Map<String, String> topics() {
    Map<String, String> topics = map("topics", TEXTS);
    if (topics.isEmpty()) {
      throw unreadable("topics", text("topics"));
    }
    return topics;
  }

  private Map<String, Long> counts() {
    return map("counts", NUMBERS);
  }

  private Optional<String> optional(String name) {
    return Optional.ofNullable(properties.get(RunSummary.PREFIX + name));
  }

  private String text(String name) {
    return optional(name)
        .orElseThrow(
            () ->
                Failure.broken(
                    "The tables' snapshot summary lacks %s%s.", RunSummary.PREFIX, name));
  }

  private long number(String name) {
    return value(name, text(name), Long::parseLong);
  }

  private Optional<Long> optionalNumber(String name) {
    return optional(name).map(text -> value(name, text, Long::valueOf));
  }

  private Offsets offsets(String name) {
    return new Offsets(partitions(name));
  }

  private Map<Partition, Long> partitions(String name) {
    return value(name, text(name), PartitionJson::read);
  }

  private <T extends Map<?, ?>> T map(String name, ObjectReader reader) {
    return value(
        name,
        text(name),
        text -> {
          try {
            T map = reader.readValue(text);
            if (map != null && !map.containsValue(null)) {
              return map;
            }
          } catch (JsonProcessingException e) {
            // Rejected below, as a null is.
          }
          throw new IllegalArgumentException(text);
        });
  }

  private static <T> T value(String name, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (RuntimeException e) {
      throw unreadable(name, text);
    }
  }

  private static Failure unreadable(String name, String text) {
    return Failure.broken(
        "The tables' snapshot summary holds %s%s=%s.", RunSummary.PREFIX, name, text);
  }
}

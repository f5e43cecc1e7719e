package io.sessionize.summary;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What each snapshot of ours says about the run that made it, as string properties of the
 * snapshot's summary. The one on the staging table's current snapshot is the run's commit point.
 *
 * @param version of the job
 * @param run the same in all snapshots of one run; empty where that is not known
 * @param command that ran
 * @param topic read
 * @param topicId of that topic: another id means that it was deleted and made anew
 * @param from first offset of each partition that was read
 * @param to next offset of each partition after what was read
 * @param next where the next run begins: {@code to}, but where a backfill left it alone
 * @param lost offsets among them that Kafka had deleted before they were read: partition to first
 *     and next
 * @param clockMs the run's own clock, epoch milliseconds
 * @param clockSkewMs how far an event could lie after its own record
 * @param lateHorizonMs how far an event could lie before its own record; null for any time
 * @param watermark after the run
 * @param watermarkBeforeMs published watermark before the run, epoch milliseconds
 * @param rules that made the sessions, as text
 * @param sessionsSnapshot the snapshot of the sessions table that this belongs to; 0 in that
 *     table's own summary, which cannot know it
 * @param openSnapshot the snapshot of the staging table that the run built on; 0 where that is not
 *     known
 * @param openPublished open sessions that stand in the sessions table too
 * @param oldestOpenEndMs the earliest end of an open session, {@link Long#MAX_VALUE} where none is
 * @param counts what the run did
 */
public record RunSummary(
    String version,
    String run,
    String command,
    String topic,
    String topicId,
    Map<Integer, Long> from,
    Map<Integer, Long> to,
    Map<Integer, Long> next,
    Map<Integer, List<Long>> lost,
    long clockMs,
    long clockSkewMs,
    Long lateHorizonMs,
    Watermark watermark,
    long watermarkBeforeMs,
    String rules,
    long sessionsSnapshot,
    long openSnapshot,
    long openPublished,
    long oldestOpenEndMs,
    Map<String, Long> counts) {

  private static final String PREFIX = "sessionize.";
  private static final String VERSION = PREFIX + "version";
  private static final String FROM = "offsets-from";
  private static final String TO = "offsets-to";
  private static final String NEXT = "offsets-next";
  private static final String RUN = "run";
  private static final String LATE_HORIZON = "late-horizon-ms";
  private static final String OPEN_SNAPSHOT = "open-snapshot";
  private static final String LOST = "offsets-lost";
  private static final String CONTENT_SNAPSHOT = PREFIX + "content-snapshot";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The summary of the first commit of new tables. */
  public static RunSummary start(
      String version, String command, String topic, String topicId, Rules rules) {
    return new RunSummary(
        version,
        "",
        command,
        topic,
        topicId,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        0,
        0,
        null,
        Watermark.START,
        Watermark.NONE,
        rules.text(),
        0,
        0,
        0,
        Long.MAX_VALUE,
        Map.of());
  }

  /** Whether a snapshot with this summary was made by us. */
  public static boolean isIn(Map<String, String> summary) {
    return summary.containsKey(VERSION);
  }

  /** The run that a snapshot with this summary says it is of; null where it says nothing. */
  public static String runIn(Map<String, String> summary) {
    return summary.get(PREFIX + RUN);
  }

  /**
   * Checks that these rules made the tables.
   *
   * @throws Failure of usage, where others did
   */
  public void requireRules(Rules current) {
    if (!rules.equals(current.text())) {
      throw Failure.usage(
          "The tables were made with other rules (%s) than those given now (%s): give those, or change the tables"
              + " with recompute, or give another --iceberg-table.",
          rules, current.text());
    }
  }

  /** Whether another table's summary tells of the same batch, whatever came after it there. */
  public boolean isOfSameBatch(RunSummary other) {
    return run.equals(other.run)
        && next.equals(other.next)
        && watermark.equals(other.watermark)
        && rules.equals(other.rules)
        && counts.equals(other.counts);
  }

  /** The same under other rules. */
  public RunSummary withRules(String others) {
    return new RunSummary(
        version,
        run,
        command,
        topic,
        topicId,
        from,
        to,
        next,
        lost,
        clockMs,
        clockSkewMs,
        lateHorizonMs,
        watermark,
        watermarkBeforeMs,
        others,
        sessionsSnapshot,
        openSnapshot,
        openPublished,
        oldestOpenEndMs,
        counts);
  }

  /** The text form. */
  public Map<String, String> toProperties() {
    Map<String, String> properties = new TreeMap<>();
    properties.put(VERSION, version);
    properties.put(PREFIX + RUN, run);
    properties.put(PREFIX + "command", command);
    properties.put(PREFIX + "topic", topic);
    properties.put(PREFIX + "topic-id", topicId);
    properties.put(PREFIX + FROM, json(from));
    properties.put(PREFIX + TO, json(to));
    properties.put(PREFIX + NEXT, json(next));
    properties.put(PREFIX + LOST, json(lost));
    properties.put(PREFIX + "clock-ms", Long.toString(clockMs));
    properties.put(PREFIX + "clock-skew-ms", Long.toString(clockSkewMs));
    if (lateHorizonMs != null) {
      properties.put(PREFIX + LATE_HORIZON, Long.toString(lateHorizonMs));
    }
    properties.put(PREFIX + "watermark-ms", Long.toString(watermark.publishedMs()));
    properties.put(PREFIX + "watermark-before-ms", Long.toString(watermarkBeforeMs));
    properties.put(PREFIX + "partition-times-ms", json(watermark.shown()));
    properties.put(PREFIX + "newest-record-ms", Long.toString(watermark.newestRecordMs()));
    properties.put(PREFIX + "record-ahead-ms", Long.toString(watermark.aheadMs()));
    properties.put(PREFIX + "rules", rules);
    properties.put(PREFIX + "sessions-snapshot", Long.toString(sessionsSnapshot));
    properties.put(PREFIX + OPEN_SNAPSHOT, Long.toString(openSnapshot));
    properties.put(PREFIX + "open-published", Long.toString(openPublished));
    properties.put(PREFIX + "oldest-open-end-ms", Long.toString(oldestOpenEndMs));
    properties.put(PREFIX + "counts", json(counts));
    return properties;
  }

  /** The text form in the staging table, which names the other table's snapshot. */
  public Map<String, String> belongingTo(long sessionsSnapshotId) {
    Map<String, String> properties = toProperties();
    properties.put(PREFIX + "sessions-snapshot", Long.toString(sessionsSnapshotId));
    return properties;
  }

  /**
   * The text form of one snapshot, as repeated by another that holds the same rows.
   *
   * @param contentSnapshot the snapshot that last changed them
   */
  public static Map<String, String> repeated(Map<String, String> summary, long contentSnapshot) {
    Map<String, String> properties = new TreeMap<>(summary);
    properties.keySet().removeIf(key -> !key.startsWith(PREFIX));
    properties.put(CONTENT_SNAPSHOT, Long.toString(contentSnapshot));
    return properties;
  }

  /** The snapshot whose rows one holds that only repeats a summary; empty for any other. */
  public static OptionalLong repeatedFor(Map<String, String> summary) {
    String value = summary.get(CONTENT_SNAPSHOT);
    return value == null
        ? OptionalLong.empty()
        : OptionalLong.of(number("content-snapshot", value));
  }

  /** The one property of a sessions table's summary that changes when the two are compared. */
  public static Map<String, String> builtOn(long openSnapshotId) {
    return Map.of(PREFIX + OPEN_SNAPSHOT, Long.toString(openSnapshotId));
  }

  /**
   * Reads the text form.
   *
   * @throws Failure broken, naming what is missing or cannot be read
   */
  public static RunSummary ofProperties(Map<String, String> summary) {
    return new RunSummary(
        text(summary, "version"),
        summary.getOrDefault(PREFIX + RUN, ""),
        text(summary, "command"),
        text(summary, "topic"),
        text(summary, "topic-id"),
        offsets(FROM, text(summary, FROM)),
        offsets(TO, summary.getOrDefault(PREFIX + TO, text(summary, NEXT))),
        offsets(NEXT, text(summary, NEXT)),
        lost(summary),
        later(summary, "clock-ms", 0),
        later(summary, "clock-skew-ms", 0),
        summary.containsKey(PREFIX + LATE_HORIZON)
            ? Long.valueOf(number(summary, LATE_HORIZON))
            : null,
        new Watermark(
            number(summary, "watermark-ms"),
            map(summary, "partition-times-ms", new TypeReference<Map<Integer, Long>>() {}),
            number(summary, "newest-record-ms"),
            later(summary, "record-ahead-ms", Watermark.NONE)),
        number(summary, "watermark-before-ms"),
        text(summary, "rules"),
        number(summary, "sessions-snapshot"),
        later(summary, OPEN_SNAPSHOT, 0),
        number(summary, "open-published"),
        number(summary, "oldest-open-end-ms"),
        map(summary, "counts", new TypeReference<Map<String, Long>>() {}));
  }

  private static Map<Integer, Long> offsets(String name, String value) {
    return map(name, value, new TypeReference<Map<Integer, Long>>() {});
  }

  /** What the first snapshots of 0.1.0 do not say. */
  private static long later(Map<String, String> summary, String name, long otherwise) {
    return number(name, summary.getOrDefault(PREFIX + name, Long.toString(otherwise)));
  }

  private static Map<Integer, List<Long>> lost(Map<String, String> summary) {
    String value = summary.getOrDefault(PREFIX + LOST, "{}");
    return map(LOST, value, new TypeReference<Map<Integer, List<Long>>>() {});
  }

  private static String text(Map<String, String> summary, String name) {
    String value = summary.get(PREFIX + name);
    if (value == null) {
      throw Failure.broken("The tables' snapshot summary lacks %s%s.", PREFIX, name);
    }
    return value;
  }

  private static long number(Map<String, String> summary, String name) {
    return number(name, text(summary, name));
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw unreadable(name, value);
    }
  }

  private static <T extends Map<?, ?>> T map(
      Map<String, String> summary, String name, TypeReference<T> type) {
    return map(name, text(summary, name), type);
  }

  private static <T extends Map<?, ?>> T map(String name, String value, TypeReference<T> type) {
    try {
      T map = JSON.readValue(value, type);
      if (map != null && !map.containsValue(null)) {
        return map;
      }
    } catch (JsonProcessingException e) {
      // Told below, like a null.
    }
    throw unreadable(name, value);
  }

  private static Failure unreadable(String name, String value) {
    return Failure.broken("The tables' snapshot summary holds %s%s=%s.", PREFIX, name, value);
  }

  private static String json(Map<?, ?> map) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(map));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

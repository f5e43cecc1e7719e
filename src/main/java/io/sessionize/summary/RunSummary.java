package io.sessionize.summary;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.offsets.PartitionJson;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What a batch records about itself, as string properties in the summary of each snapshot that it
 * commits. The summary of the staging table's current snapshot is the commit point. Unknown values
 * are absent.
 *
 * @param origin the run that committed it
 * @param settings that decide which records are events; empty for the creation of the tables
 * @param watermarkBeforeMs published watermark before the batch; empty before the first event
 * @param watermarkMs published watermark after the batch; empty before the first event
 * @param rules of the sessions, as text
 * @param openSnapshot the snapshot of the staging table that the batch built on; empty for the
 *     creation of the tables
 * @param sessionsSnapshot in the staging table: the snapshot of the sessions table that it belongs
 *     to
 * @param counts of records, events and sessions in the batch
 * @param progress in the staging table: how far the tables have read the topics
 */
public record RunSummary(
    Origin origin,
    Optional<Settings> settings,
    Optional<Long> watermarkBeforeMs,
    Optional<Long> watermarkMs,
    String rules,
    Optional<Long> openSnapshot,
    Optional<Long> sessionsSnapshot,
    Map<String, Long> counts,
    Optional<Progress> progress) {

  static final String PREFIX = "sessionize.";
  static final String SESSION_COLUMNS = "session-columns";
  static final String COLUMNS_COMPLETE = "columns-complete";
  static final String COLUMNS_THROUGH = "columns-through";
  private static final String VERSION = PREFIX + "version";
  private static final String RUN = PREFIX + "run";
  private static final String OPEN_SNAPSHOT = "open-snapshot";
  private static final String CONTENT_SNAPSHOT = PREFIX + "content-snapshot";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The run that committed a batch.
   *
   * @param version of the job
   * @param run id, the same for all batches of a run; empty for the creation of the tables
   * @param batch its number within the run, from 1
   * @param work command and limits of the batch
   */
  public record Origin(String version, Optional<String> run, long batch, Work work) {}

  /**
   * The settings that decide which records are events, so that a replay decides the same.
   *
   * @param clockMs the clock of the run, epoch milliseconds
   * @param clockSkewMs how far an event may be later than its own record
   * @param lateHorizonMs how far an event may be earlier than its own record; empty for no limit
   * @param definition hash of the definition that decoded the records
   * @param setAside users whose events are rejected
   * @param columns number and hash of the session columns of the rows; empty for none
   */
  public record Settings(
      long clockMs,
      long clockSkewMs,
      Optional<Long> lateHorizonMs,
      String definition,
      SetAside setAside,
      Optional<String> columns) {

    /** Settings without a user who is set aside, and without session columns. */
    public Settings(
        long clockMs, long clockSkewMs, Optional<Long> lateHorizonMs, String definition) {
      this(clockMs, clockSkewMs, lateHorizonMs, definition, SetAside.NONE, Optional.empty());
    }
  }

  /**
   * The summary of the first commit of new tables.
   *
   * @param topics id of each topic by its name
   */
  public static RunSummary start(String version, Map<String, String> topics, Rules rules) {
    return new RunSummary(
        new Origin(version, Optional.empty(), 0, Work.RUN),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        rules.text(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.of(
            new Progress(
                topics,
                Offsets.NONE,
                Offsets.NONE,
                Offsets.NONE,
                OffsetRange.NONE,
                Watermark.START,
                0,
                Optional.empty())));
  }

  /** Whether a snapshot with this summary is a Sessionize commit. */
  public static boolean isIn(Map<String, String> summary) {
    return summary.containsKey(VERSION);
  }

  /** Whether a property of a snapshot belongs to its run summary. */
  public static boolean isKey(String property) {
    return property.startsWith(PREFIX);
  }

  /** The run that committed a snapshot with this summary. */
  public static Optional<String> runIn(Map<String, String> summary) {
    return Optional.ofNullable(summary.get(RUN));
  }

  /** The run's id; empty for the creation of the tables. */
  public Optional<String> run() {
    return origin.run();
  }

  /** Command and limits of the batch. */
  public Work work() {
    return origin.work();
  }

  /** A count of the batch, 0 if it is not recorded. */
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /**
   * The progress that the summary of the staging table records.
   *
   * @throws Failure broken, if it records none
   */
  public Progress requireProgress() {
    return progress.orElseThrow(
        () -> Failure.broken("The staging table's snapshot summary lacks %stopics.", PREFIX));
  }

  /**
   * Returns the rules that the tables were made with.
   *
   * @param given returns the rules to use, from the recorded ones
   * @throws Failure of usage, if the tables were made with other rules than those to use
   */
  public Rules requireRules(UnaryOperator<Rules> given) {
    Rules current = given.apply(Rules.parse(rules));
    if (!rules.equals(current.text())) {
      throw Failure.usage(
          "The tables were made with other rules (%s) than the given ones (%s): omit what differs, change the tables with"
              + " recompute, or give another --iceberg-table. If the definition is new too, run it without these rules"
              + " first, then recompute with them.",
          Rules.shown(rules), current.shown());
    }
    return current;
  }

  /** The users that are set aside from this batch on. */
  public SetAside setAside() {
    return settings.map(Settings::setAside).orElse(SetAside.NONE);
  }

  /** Whether one batch committed both. */
  public boolean isOfSameBatch(RunSummary other) {
    return origin.run().equals(other.origin.run()) && origin.batch() == other.origin.batch();
  }

  /** The properties for a commit of the sessions table or the rejected table. */
  public Map<String, String> toProperties() {
    Map<String, String> properties = new TreeMap<>();
    properties.put(VERSION, origin.version());
    origin.run().ifPresent(id -> properties.put(RUN, id));
    put(properties, "batch", Optional.of(origin.batch()));
    put(properties, "work", Optional.of(origin.work().command().text()));
    put(properties, "work-users", origin.work().users());
    put(properties, "work-from", origin.work().from());
    put(properties, "work-to", origin.work().to());
    put(properties, "clock-ms", settings.map(Settings::clockMs));
    put(properties, "clock-skew-ms", settings.map(Settings::clockSkewMs));
    put(properties, "late-horizon-ms", settings.flatMap(Settings::lateHorizonMs));
    put(properties, "definition", settings.map(Settings::definition));
    put(properties, SESSION_COLUMNS, settings.flatMap(Settings::columns));
    put(
        properties,
        "set-aside",
        settings.map(Settings::setAside).filter(users -> !users.isEmpty()).map(SetAside::text));
    put(properties, "watermark-before-ms", watermarkBeforeMs);
    put(properties, "watermark-ms", watermarkMs);
    put(properties, "rules", Optional.of(rules));
    put(properties, OPEN_SNAPSHOT, openSnapshot);
    put(properties, "counts", Optional.of(json(counts)));
    return properties;
  }

  /** The properties for a commit of the staging table, which records the progress too. */
  public Map<String, String> toProperties(long sessionsSnapshotId) {
    Map<String, String> properties = toProperties();
    Progress reached = requireProgress();
    put(properties, "sessions-snapshot", Optional.of(sessionsSnapshotId));
    put(properties, "topics", Optional.of(json(reached.topics())));
    put(properties, "offsets-from", Optional.of(reached.from().json()));
    put(properties, "offsets-to", Optional.of(reached.to().json()));
    put(properties, "offsets-next", Optional.of(reached.next().json()));
    if (!reached.lost().isEmpty()) {
      put(properties, "offsets-lost-from", Optional.of(reached.lost().from().json()));
      put(properties, "offsets-lost-to", Optional.of(reached.lost().to().json()));
    }
    String times = PartitionJson.write(reached.watermark().shown());
    put(properties, "partition-times-ms", Optional.of(times));
    put(properties, "newest-record-ms", known(reached.watermark().newestRecordMs()));
    put(properties, "record-ahead-ms", known(reached.watermark().aheadMs()));
    put(properties, "open-published", Optional.of(reached.openPublished()));
    put(properties, "oldest-open-end-ms", reached.oldestOpenEndMs());
    put(
        properties,
        COLUMNS_COMPLETE,
        Optional.of(reached.columns().complete()).filter(number -> number > 0));
    put(properties, COLUMNS_THROUGH, reached.columns().through().map(ColumnProgress.Through::text));
    Set<Long> retries = new TreeSet<>(reached.retries());
    if (origin.work().command() == Work.Command.RETRY) {
      retries.add(sessionsSnapshotId);
    }
    put(
        properties,
        "retries",
        Optional.of(retries)
            .filter(some -> !some.isEmpty())
            .map(some -> some.stream().map(String::valueOf).collect(Collectors.joining(","))));
    return properties;
  }

  /** A time of a watermark; empty for none yet. */
  public static Optional<Long> known(long ms) {
    return ms == Watermark.NONE ? Optional.empty() : Optional.of(ms);
  }

  private static void put(Map<String, String> properties, String name, Optional<?> value) {
    value.ifPresent(known -> properties.put(PREFIX + name, known.toString()));
  }

  private static String json(Map<?, ?> map) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(map));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads the properties of a snapshot's summary.
   *
   * @throws Failure broken, naming the property that is missing or cannot be read
   */
  public static RunSummary ofProperties(Map<String, String> summary) {
    return new SummaryReader(summary).read();
  }

  /**
   * Returns the properties of a snapshot, to be repeated by a new snapshot with the same rows.
   *
   * @param contentSnapshot the snapshot that last changed the rows
   */
  public static Map<String, String> repeated(Map<String, String> summary, long contentSnapshot) {
    Map<String, String> properties = new TreeMap<>(summary);
    properties.keySet().removeIf(key -> !isKey(key));
    properties.put(CONTENT_SNAPSHOT, Long.toString(contentSnapshot));
    return properties;
  }

  /** The snapshot with the same rows, if this one only repeats its summary; else empty. */
  public static OptionalLong repeatedFor(Map<String, String> summary) {
    String value = summary.get(CONTENT_SNAPSHOT);
    try {
      return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw Failure.broken("The tables' snapshot summary holds %s=%s.", CONTENT_SNAPSHOT, value);
    }
  }

  /** The property that names the staging snapshot, as maintenance rewrites it. */
  public static Map<String, String> builtOn(long openSnapshotId) {
    return Map.of(PREFIX + OPEN_SNAPSHOT, Long.toString(openSnapshotId));
  }
}

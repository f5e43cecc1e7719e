package io.sessionize.audit;

import io.sessionize.Failure;
import io.sessionize.job.Continuity;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The state of the job: how far the tables have read the topics.
 *
 * @param topics names of the topics that the tables are made of
 * @param partitions how far each partition has been read
 * @param records offsets to be read; null if Kafka did not answer
 * @param old those of them before the first record that was sent within {@link Limits#longestWait};
 *     null if Kafka did not answer
 * @param unreachable why Kafka did not answer; null if it did
 * @param refusal the failure that would end the next run; null if it can continue
 * @param watermark sessions that ended before it, by more than the timeout, are closed; null before
 *     the first event
 * @param watermarkAhead whether the watermark is ahead of the clock by more than the clock skew
 * @param open sessions, as of the last run
 * @param ahead open sessions that end after the clock: a producer's clock was wrong
 * @param setAside users that are set aside
 * @param columns how far the rows follow the session columns; null if there are none
 * @param oldestOpenEnd the earliest end of an open session; null if none is open
 * @param between whether the tables are between the two commits of a run
 * @param changed whether the sessions table has an external commit since the last run
 * @param asked when the status was read
 * @param limits of what may wait
 */
public record Status(
    Set<String> topics,
    List<PartitionLag> partitions,
    Long records,
    Long old,
    Failure unreachable,
    Failure refusal,
    Instant watermark,
    boolean watermarkAhead,
    long open,
    long ahead,
    long setAside,
    ColumnFilling columns,
    Instant oldestOpenEnd,
    boolean between,
    boolean changed,
    Instant asked,
    Limits limits) {
  private static final String WAY_OUT = ": docs/operations.md, Lag grows";

  /**
   * How much may wait.
   *
   * @param maxLag offsets that may wait; null for any number
   * @param maxBehind how long a record may wait; null for any time
   */
  public record Limits(Long maxLag, Duration maxBehind) {
    public static final Limits NONE = new Limits(null, null);

    /** An hourly run that reads nothing for longer than this was not started or did not end. */
    private static final Duration DEFAULT_LONGEST_WAIT = Duration.ofHours(2);

    /** How long a record may wait before the job counts as behind. */
    public Duration longestWait() {
      return maxBehind == null ? DEFAULT_LONGEST_WAIT : maxBehind;
    }
  }

  /**
   * What Kafka answered.
   *
   * @param topics the current state of those that exist; null if there is no answer, or none of
   *     them
   * @param recent the first records that were sent within {@link Limits#longestWait}; null likewise
   * @param failure why there is no answer, or not all topics; null if there are all
   */
  public record Answer(KafkaTopics topics, Offsets recent, Failure failure) {}

  /**
   * How far one topic partition has been read.
   *
   * @param committed the next offset that a run reads
   * @param earliest the first offset that Kafka still holds; null if Kafka did not answer
   * @param latest the end offset of the partition; null if Kafka did not answer
   * @param lag how many offsets are to be read; null if Kafka did not answer
   */
  public record PartitionLag(
      Partition partition, long committed, Long earliest, Long latest, Long lag) {
    static PartitionLag of(Partition partition, Offsets next, KafkaTopics topics) {
      long committed = next.getOrDefault(partition, 0L);
      if (topics == null || !topics.latest().next().containsKey(partition)) {
        return new PartitionLag(partition, committed, null, null, null);
      }
      long earliest = topics.earliest().next().get(partition);
      long latest = topics.latest().next().get(partition);
      return new PartitionLag(
          partition, committed, earliest, latest, Math.max(0, latest - committed));
    }

    /**
     * The offsets to be read before the first recent record.
     *
     * @param isCommitOld whether the last commit is older than recent records. Then a recent record
     *     before the committed offset has a wrong time, and says nothing about the others
     */
    private long before(Offsets recent, boolean isCommitOld) {
      if (lag == null) {
        return 0;
      }
      long first = recent.getOrDefault(partition, 0L);
      return first < committed && isCommitOld
          ? lag
          : Math.max(0, Math.min(latest, first) - committed);
    }
  }

  /**
   * Compares the tables with the topics.
   *
   * @param table its name in messages
   * @param broken why no batch can build on the tables; null if one can
   * @param kafka what Kafka answered
   * @param ahead open sessions that end after the clock
   * @param lastRun when a run last committed anything; null if none ever has
   */
  public static Status of(
      String table,
      Base base,
      Failure broken,
      Answer kafka,
      Limits limits,
      long ahead,
      Instant lastRun,
      Instant now) {
    Progress last = base.progress();
    KafkaTopics found = kafka.topics();
    boolean isSilent =
        kafka.failure() != null && kafka.failure().kind() == Failure.Kind.UNREACHABLE;
    Failure refusal = isSilent ? null : kafka.failure();
    if (refusal == null && found != null) {
      refusal = Continuity.refusal(base, found, table).orElse(null);
    }
    KafkaTopics known = known(last, found);
    TreeSet<Partition> all = new TreeSet<>(last.next().next().keySet());
    if (known != null) {
      all.addAll(known.latest().next().keySet());
    }
    Offsets reached = last.next();
    Offsets next = known == null ? reached : known.next(reached).orElse(reached);
    List<PartitionLag> partitions = new ArrayList<>();
    long watermarkMs = base.watermark().publishedMs();
    long skewMs = base.open().settings().map(Settings::clockSkewMs).orElse(0L);
    all.forEach(partition -> partitions.add(PartitionLag.of(partition, next, known)));
    long waiting =
        partitions.stream().filter(p -> p.lag() != null).mapToLong(PartitionLag::lag).sum();
    boolean isCommitOld = lastRun != null && lastRun.isBefore(now.minus(limits.longestWait()));
    Long old =
        known == null
            ? null
            : Long.valueOf(
                partitions.stream().mapToLong(p -> p.before(kafka.recent(), isCommitOld)).sum());
    return new Status(
        last.topics().keySet(),
        partitions,
        known == null ? null : Long.valueOf(waiting),
        old,
        isSilent ? kafka.failure() : null,
        broken == null ? refusal : broken,
        RunSummary.known(watermarkMs).map(Instant::ofEpochMilli).orElse(null),
        watermarkMs - skewMs > now.toEpochMilli(),
        base.open().count("open"),
        ahead,
        base.setAside().hashes().size(),
        ColumnFilling.of(base),
        last.oldestOpenEndMs().map(Instant::ofEpochMilli).orElse(null),
        base.isBetweenCommits(),
        base.outOfSync() && !base.isBetweenCommits(),
        now,
        limits);
  }

  /** The topics that are still those of the tables; null if there is none. */
  private static KafkaTopics known(Progress last, KafkaTopics found) {
    if (found == null) {
      return null;
    }
    KafkaTopics same = found.only(name -> last.isOf(name, found.ids().get(name)));
    return same.names().isEmpty() ? null : same;
  }

  /**
   * The offsets of one topic that are to be read.
   *
   * @return null, if they are not known
   */
  public Long records(String topic) {
    List<PartitionLag> known =
        partitions.stream()
            .filter(lag -> lag.partition().topic().equals(topic) && lag.lag() != null)
            .toList();
    return known.isEmpty() ? null : Long.valueOf(known.stream().mapToLong(PartitionLag::lag).sum());
  }

  /** How far the watermark is behind the clock, negative if it is ahead, or null. */
  public Duration watermarkBehind() {
    return watermark == null ? null : Duration.between(watermark, asked);
  }

  /**
   * The failure of the next run, or of a limit that is exceeded.
   *
   * @return empty, if the next run can continue and no limit is exceeded
   */
  public Optional<Failure> failure() {
    if (refusal != null) {
      return Optional.of(refusal);
    }
    if (unreachable != null) {
      return Optional.of(unreachable);
    }
    return overLimit().map(what -> new Failure(Failure.Kind.OTHER, what + ".", null));
  }

  /** The exit code of the command that shows it. */
  public int exitCode() {
    return failure().map(Failure::kind).map(Failure.Kind::exitCode).orElse(0);
  }

  private Optional<String> overLimit() {
    if (limits.maxLag() != null && records > limits.maxLag()) {
      return Optional.of(
          String.format(
              "%d offsets wait, more than --max-lag %d%s", records, limits.maxLag(), WAY_OUT));
    }
    return limits.maxBehind() != null && old > 0 ? Optional.of(waiting()) : Optional.empty();
  }

  private String waiting() {
    return String.format(
        "%d offsets wait, and %d of them have waited for more than %s%s",
        records,
        old,
        limits.longestWait().toString().substring(2).toLowerCase(Locale.ROOT),
        WAY_OUT);
  }

  /**
   * One line: the verdict in one word, and the reason.
   *
   * @param lastRun when a run last committed anything; null if none ever has
   */
  public String verdict(Instant lastRun) {
    if (refusal != null) {
      return String.format(
          "%s: the next run will end with exit code %d: %s",
          refusal.kind() == Failure.Kind.BROKEN ? "BROKEN" : "REFUSED",
          refusal.kind().exitCode(),
          refusal.getMessage());
    }
    String last = lastRun == null ? "no run has committed anything yet" : "last commit " + lastRun;
    if (unreachable != null) {
      return "UNKNOWN: " + unreachable.getMessage() + "; " + last;
    }
    if (watermarkAhead) {
      return "AHEAD: the watermark is ahead of the clock, so every event is late and no session"
          + " stays open. The sessions are right. Roll both tables back to a run before:"
          + " docs/operations.md, Restore after a mistake; "
          + last;
    }
    if (between) {
      return "PUBLISHING: a run is between its two commits, or crashed there; then the next run"
          + " repairs it; "
          + last;
    }
    if (changed) {
      return "CHANGED: the sessions table has an external commit since the last run: the next run"
          + " looks up the rows of the last hours; "
          + last;
    }
    if (old > 0 || overLimit().isPresent()) {
      return "BEHIND: " + overLimit().orElseGet(this::waiting) + "; " + last;
    }
    return String.format("HEALTHY: %d offsets wait for the next run; %s", records, last);
  }
}

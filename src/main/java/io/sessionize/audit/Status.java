package io.sessionize.audit;

import io.sessionize.Failure;
import io.sessionize.job.Continuity;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.source.KafkaTopic;
import io.sessionize.summary.Base;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The state of the job: how far the tables have read the topic.
 *
 * @param topic name of the topic that the tables are made of
 * @param partitions how far each partition has been read
 * @param records offsets to be read; null if Kafka did not answer
 * @param unknown why Kafka did not answer; null if it did
 * @param refusal the failure that would end the next run; null if it can continue
 * @param watermark sessions that ended before it, by more than the timeout, are closed; null before
 *     the first event
 * @param watermarkAhead whether the watermark is ahead of the clock by more than the clock skew
 * @param open sessions, as of the last run
 * @param ahead open sessions that end after the clock: a producer's clock was wrong
 * @param oldestOpenEnd the earliest end of an open session; null if none is open
 * @param between whether the tables are between the two commits of a run
 * @param changed whether the sessions table has an external commit since the last run
 * @param asked when the status was read
 */
public record Status(
    String topic,
    List<PartitionLag> partitions,
    Long records,
    String unknown,
    Failure refusal,
    Instant watermark,
    boolean watermarkAhead,
    long open,
    long ahead,
    Instant oldestOpenEnd,
    boolean between,
    boolean changed,
    Instant asked) {

  /** After this time without a commit, an hourly run was not started or did not end. */
  public static final Duration PATIENCE = Duration.ofHours(2);

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
    static PartitionLag of(Partition partition, Offsets next, KafkaTopic topic) {
      long committed = next.getOrDefault(partition, 0L);
      if (topic == null || !topic.latest().next().containsKey(partition)) {
        return new PartitionLag(partition, committed, null, null, null);
      }
      long earliest = topic.earliest().next().get(partition);
      long latest = topic.latest().next().get(partition);
      return new PartitionLag(
          partition, committed, earliest, latest, Math.max(0, latest - committed));
    }
  }

  /**
   * Compares the tables with the topic.
   *
   * @param table its name in messages
   * @param topic its current state; null if Kafka did not answer or has no such topic
   * @param failure why {@code topic} is null; null if it is not
   * @param ahead open sessions that end after the clock
   */
  public static Status of(
      String table, Base base, KafkaTopic topic, Failure failure, long ahead, Instant now) {
    Progress last = base.progress();
    boolean isSilent = failure != null && failure.kind() == Failure.Kind.UNREACHABLE;
    Failure refusal = isSilent ? null : failure;
    if (topic != null) {
      refusal = Continuity.refusal(base, topic, table).orElse(null);
    }
    KafkaTopic known = topic != null && last.isOf(topic.id()) ? topic : null;
    TreeSet<Partition> all = new TreeSet<>(last.next().next().keySet());
    if (known != null) {
      all.addAll(known.latest().next().keySet());
    }
    Offsets reached = last.next();
    Offsets next = known == null ? reached : known.next(reached);
    List<PartitionLag> partitions = new ArrayList<>();
    long watermarkMs = base.watermark().publishedMs();
    long skewMs = base.open().settings().map(Settings::clockSkewMs).orElse(0L);
    all.forEach(partition -> partitions.add(PartitionLag.of(partition, next, known)));
    long waiting =
        partitions.stream().filter(p -> p.lag() != null).mapToLong(PartitionLag::lag).sum();
    return new Status(
        last.topic(),
        partitions,
        known == null ? null : Long.valueOf(waiting),
        isSilent ? failure.getMessage() : null,
        refusal,
        RunSummary.known(watermarkMs).map(Instant::ofEpochMilli).orElse(null),
        watermarkMs - skewMs > now.toEpochMilli(),
        base.open().count("open"),
        ahead,
        last.oldestOpenEndMs().map(Instant::ofEpochMilli).orElse(null),
        base.isBetweenCommits(),
        base.outOfSync() && !base.isBetweenCommits(),
        now);
  }

  /** How far the watermark is behind the clock, negative if it is ahead, or null. */
  public Duration watermarkBehind() {
    return watermark == null ? null : Duration.between(watermark, asked);
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
    if (unknown != null) {
      return "UNKNOWN: " + unknown + "; " + last;
    }
    if (watermarkAhead) {
      return "AHEAD: the watermark is ahead of the clock, so every event is late and no session stays open."
          + " The sessions are right. Roll both tables back to a run before: docs/operations.md, Restore after a mistake; "
          + last;
    }
    if (between) {
      return "PUBLISHING: a run is between its two commits, or crashed there; then the next run repairs it; "
          + last;
    }
    if (changed) {
      return "CHANGED: the sessions table has an external commit since the last run: the next run looks up the rows of the last hours; "
          + last;
    }
    boolean late = lastRun == null || lastRun.isBefore(asked.minus(PATIENCE));
    if (records > 0 && late) {
      return String.format("BEHIND: %d offsets wait, and no run has read them; %s", records, last);
    }
    return String.format("HEALTHY: %d offsets wait for the next run; %s", records, last);
  }
}

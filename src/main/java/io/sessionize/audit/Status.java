package io.sessionize.audit;

import io.sessionize.Failure;
import io.sessionize.job.Continuity;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaTopic;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * How the job stands: how far the tables have come, and how far the topic.
 *
 * @param topic that the tables are made of
 * @param partitions each as far as it is known
 * @param records that wait to be read; null where Kafka could not tell
 * @param unknown why Kafka could not tell; null where it could
 * @param refusal what the next run would end with; null where it goes on
 * @param watermark sessions that ended before it, by more than the timeout, are closed; null before
 *     the first event
 * @param open sessions, as of the last run
 * @param ahead of these, those that end after the clock: a producer's clock was wrong
 * @param oldestOpenEnd the last event of that open session which has been quiet for longest; null
 *     where none is open
 * @param between whether the tables are between the two commits of a run
 * @param changed whether somebody else has committed to the sessions table since the last run
 * @param asked when
 */
public record Status(
    String topic,
    List<Partition> partitions,
    Long records,
    String unknown,
    Failure refusal,
    Instant watermark,
    long open,
    long ahead,
    Instant oldestOpenEnd,
    boolean between,
    boolean changed,
    Instant asked) {

  /** An hourly run that is as late as this has not been started, or did not come to its end. */
  public static final Duration PATIENCE = Duration.ofHours(2);

  /**
   * A partition of the topic.
   *
   * @param committed the next offset that a run reads
   * @param earliest that Kafka still holds; null where Kafka could not tell
   * @param latest the next offset that Kafka will give; null where Kafka could not tell
   * @param lag how many offsets wait to be read; null where Kafka could not tell
   */
  public record Partition(int partition, long committed, Long earliest, Long latest, Long lag) {

    static Partition of(int partition, Offsets next, KafkaTopic topic) {
      long committed = next.next().getOrDefault(partition, 0L);
      if (topic == null || !topic.latest().next().containsKey(partition)) {
        return new Partition(partition, committed, null, null, null);
      }
      long earliest = topic.earliest().next().get(partition);
      long latest = topic.latest().next().get(partition);
      return new Partition(partition, committed, earliest, latest, Math.max(0, latest - committed));
    }
  }

  /**
   * What tables and topic tell together.
   *
   * @param table as people read it
   * @param topic as Kafka has it now; null where it could not be asked, or has none
   * @param failure why not; null where it has told
   * @param ahead open sessions that end after the clock
   */
  public static Status of(
      String table, Base base, KafkaTopic topic, Failure failure, long ahead, Instant now) {
    RunSummary last = base.open();
    boolean isSilent = failure != null && failure.kind() == Failure.Kind.UNREACHABLE;
    Failure refusal = isSilent ? null : failure;
    if (topic != null) {
      refusal = Continuity.refusal(base, topic, table).orElse(null);
    }
    KafkaTopic known = topic != null && topic.id().equals(last.topicId()) ? topic : null;
    TreeSet<Integer> numbers = new TreeSet<>(last.next().keySet());
    if (known != null) {
      numbers.addAll(known.latest().next().keySet());
    }
    Offsets reached = new Offsets(last.next());
    Offsets next = known == null ? reached : known.next(reached);
    List<Partition> partitions = new ArrayList<>();
    numbers.forEach(number -> partitions.add(Partition.of(number, next, known)));
    long waiting = partitions.stream().filter(p -> p.lag() != null).mapToLong(Partition::lag).sum();
    return new Status(
        last.topic(),
        partitions,
        known == null ? null : Long.valueOf(waiting),
        isSilent ? failure.getMessage() : null,
        refusal,
        instant(base.watermark().publishedMs(), Watermark.NONE),
        last.counts().getOrDefault("open", 0L),
        ahead,
        instant(last.oldestOpenEndMs(), Long.MAX_VALUE),
        base.isBetweenCommits(),
        base.apart() && !base.isBetweenCommits(),
        now);
  }

  private static Instant instant(long ms, long none) {
    return ms == none ? null : Instant.ofEpochMilli(ms);
  }

  /** How long ago the watermark was, or null. */
  public Duration watermarkBehind() {
    return watermark == null ? null : Duration.between(watermark, asked);
  }

  /**
   * One line: a word, and why.
   *
   * @param lastRun when a run last committed anything; null where none ever has
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
    if (between) {
      return "PUBLISHING: a run is between its two commits, or has crashed there; then the next one puts it right; "
          + last;
    }
    if (changed) {
      return "CHANGED: somebody has committed to the sessions table since: the next run looks up the rows of the last hours; "
          + last;
    }
    boolean late = lastRun == null || lastRun.isBefore(asked.minus(PATIENCE));
    if (records > 0 && late) {
      return String.format(
          "BEHIND: %d offsets wait, and no run has come for them; %s", records, last);
    }
    return String.format("HEALTHY: %d offsets wait for the next run; %s", records, last);
  }
}

package io.sessionize.audit;

import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Offsets;
import io.sessionize.store.Base;
import io.sessionize.store.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How the job stands: how far the tables have come, and how far the topic.
 *
 * @param topic that the tables are made of
 * @param partitions each as far as it is known
 * @param records that wait to be read; null where Kafka could not tell
 * @param unknown why Kafka could not tell; null where it could
 * @param watermark sessions that ended before it, by more than the timeout, are closed; null before
 *     the first event
 * @param open sessions, as of the last run
 * @param oldestOpenEnd the last event of that open session which has been quiet for longest; null
 *     where none is open
 * @param between whether the tables stand between the two commits of a run
 * @param asked when
 */
public record Status(
    String topic,
    List<Partition> partitions,
    Long records,
    String unknown,
    Instant watermark,
    long open,
    Instant oldestOpenEnd,
    boolean between,
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

    boolean isLost() {
      return earliest != null && committed < earliest;
    }
  }

  /**
   * What tables and topic tell together.
   *
   * @param topic as Kafka has it now; empty where there is none of this name
   * @param unknown why Kafka could not be asked; null where it was
   */
  public static Status of(Base base, Optional<KafkaTopic> topic, String unknown, Instant now) {
    RunSummary last = base.open();
    String why = unknown;
    if (why == null && topic.isEmpty()) {
      why = "there is no topic " + last.topic();
    } else if (why == null && !topic.get().id().equals(last.topicId())) {
      why = "the topic was deleted and made anew: what the tables were made of is gone";
    }
    KafkaTopic known = why == null ? topic.get() : null;
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
        why,
        instant(base.watermark().publishedMs(), Watermark.NONE),
        last.counts().getOrDefault("open", 0L),
        instant(last.oldestOpenEndMs(), Long.MAX_VALUE),
        base.apart(),
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
    List<Integer> lost =
        partitions.stream().filter(Partition::isLost).map(Partition::partition).toList();
    if (!lost.isEmpty()) {
      return String.format(
          "BROKEN: Kafka has deleted offsets of partitions %s that were not read yet: the next run will refuse, with exit code 3.",
          lost);
    }
    String last = lastRun == null ? "no run has committed anything yet" : "last commit " + lastRun;
    if (unknown != null) {
      return "UNKNOWN: " + unknown + "; " + last;
    }
    if (between) {
      return "PUBLISHING: a run is between its two commits, or has crashed there; then the next one puts it right; "
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

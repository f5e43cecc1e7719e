package io.sessionize.summary;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How far the tables have read the topics after a batch. Only the summary of the staging table
 * records it, since these maps grow with the partitions.
 *
 * @param topics id of each topic by its name: another id means that the topic was recreated
 * @param from first offset of each partition in the batch
 * @param to next offset of each partition after the batch
 * @param next offsets at which the next run begins: {@code to}, but a backfill does not change them
 * @param lost offsets of the batch that Kafka had deleted before they were read
 * @param watermark after the batch
 * @param openPublished open sessions that also have a row in the sessions table
 * @param oldestOpenEndMs the earliest end of an open session, epoch milliseconds; empty if none is
 *     open
 * @param retries snapshots of the sessions table by which retries took in rejected records. A mark
 *     in the rejected table holds while it is among them: a rollback of the tables takes it back
 * @param columns how far the rows follow the session columns
 */
public record Progress(
    Map<String, String> topics,
    Offsets from,
    Offsets to,
    Offsets next,
    OffsetRange lost,
    Watermark watermark,
    long openPublished,
    Optional<Long> oldestOpenEndMs,
    Set<Long> retries,
    ColumnProgress columns) {

  /** The zero id: the broker gave no id, since it or its topic is older than Kafka 2.8. */
  public static final String UNKNOWN_ID = "AAAAAAAAAAAAAAAAAAAAAA";

  public Progress {
    topics = Collections.unmodifiableSortedMap(new TreeMap<>(topics));
  }

  /** Progress without retries and session columns. */
  public Progress(
      Map<String, String> topics,
      Offsets from,
      Offsets to,
      Offsets next,
      OffsetRange lost,
      Watermark watermark,
      long openPublished,
      Optional<Long> oldestOpenEndMs) {
    this(
        topics,
        from,
        to,
        next,
        lost,
        watermark,
        openPublished,
        oldestOpenEndMs,
        Set.of(),
        ColumnProgress.NONE);
  }

  /** Whether the tables have read any record, or were bound to offsets. */
  public boolean hasRead() {
    return !next.equals(Offsets.NONE);
  }

  /**
   * Whether the tables may read a topic of this id: it is the recorded one, or none is recorded. An
   * old broker gives no ids.
   */
  public boolean isOf(String topic, String id) {
    String known = topics.getOrDefault(topic, UNKNOWN_ID);
    return known.equals(id) || known.equals(UNKNOWN_ID);
  }
}

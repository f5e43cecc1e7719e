package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Partition;
import io.sessionize.summary.Progress;
import io.sessionize.summary.Work;
import io.sessionize.summary.Work.Command;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The input of one batch.
 *
 * @param <R> records as the source gives them
 * @param records null if there are none (an idle step)
 * @param topics id of each topic that the batch reads, by its name
 * @param from first offset of each partition
 * @param next next offset of each partition after the batch
 * @param lost offsets of this range that Kafka deleted before they were read
 * @param users to restate, other events are ignored; empty for all users, with rejected records
 * @param work what the batch is for
 */
public record Input<R>(
    R records,
    Map<String, String> topics,
    Offsets from,
    Offsets next,
    OffsetRange lost,
    Set<String> users,
    Work work) {

  /**
   * Input that is not read from Kafka.
   *
   * @param records null if there are none
   * @param last progress of the base
   */
  public static <R> Input<R> withoutOffsets(
      R records, Progress last, Set<String> users, Work work) {
    return new Input<>(
        records, last.topics(), last.next(), last.next(), OffsetRange.NONE, users, work);
  }

  /** The partitions of the batch. A decoded row has the index of its own in this list. */
  public List<Partition> partitions() {
    return List.copyOf(next.next().keySet());
  }

  /**
   * The topics that the tables record after the batch: a run those that it reads.
   *
   * @param before those that they record before it
   */
  Map<String, String> topicsAfter(Map<String, String> before) {
    if (work.command() == Command.RUN) {
      return topics;
    }
    Map<String, String> after = new TreeMap<>(before);
    after.putAll(topics);
    return after;
  }

  /** What the batch does with damaged rows. */
  public DamagedRows damagedRows() {
    return damagedRows(work.command());
  }

  /** What a batch of this command does with damaged rows. */
  public static DamagedRows damagedRows(Command command) {
    return switch (command) {
      case RUN, RECOVER, COLUMNS -> DamagedRows.KEEP;
      case BACKFILL, RETRY -> DamagedRows.REPLACE;
      case RECOMPUTE -> DamagedRows.REMAKE;
    };
  }
}

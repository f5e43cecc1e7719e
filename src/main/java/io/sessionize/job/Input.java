package io.sessionize.job;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.DamagedRows;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one batch reads.
 *
 * @param <R> records as the source gives them
 * @param records null where there are none (a silent run)
 * @param topic their topic
 * @param topicId the id of that topic
 * @param from first offset of each partition
 * @param next next offset of each partition after the batch
 * @param lost of these offsets, those that Kafka deleted before they were read
 * @param users whose events alone count; empty for everybody's, rejected records included
 * @param command what is running, for the snapshots' summaries
 */
public record Input<R>(
    R records,
    String topic,
    String topicId,
    Offsets from,
    Offsets next,
    Map<Integer, List<Long>> lost,
    Set<String> users,
    String command) {

  /** What becomes of damaged rows, by the command that comes upon them. */
  public static DamagedRows damagedRows(String command) {
    if (command.startsWith(Batch.RECOMPUTE)) {
      return DamagedRows.REMAKE;
    }
    return command.startsWith(Backfill.COMMAND) ? DamagedRows.REPLACE : DamagedRows.KEEP;
  }
}

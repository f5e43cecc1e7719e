package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.summary.Progress;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds the rejected records of one user: those with the user's id as their key, or as the {@code
 * uuid} in their JSON. Reads these two columns of the whole rejected table, which has no column
 * with the user.
 */
final class UserRejections {
  private UserRejections() {}

  /**
   * Returns the newest records, the oldest first. Runs a Spark job.
   *
   * @param rejected the rejected table
   * @param most how many at most
   */
  static List<RejectedRecord> of(Dataset<Row> rejected, String user, History history, int most) {
    Column isOfUser =
        col("key")
            .cast("string")
            .equalTo(lit(user))
            .or(get_json_object(col("value").cast("string"), "$.uuid").equalTo(lit(user)));
    List<RejectedRecord> records = new ArrayList<>();
    for (Row row :
        rejected
            .where(isOfUser)
            .select(
                "topic", "partition", "offset", "record_time", "reason", "detail", "rejected_at")
            .orderBy(
                col("rejected_at").desc(), col("topic"), col("partition"), col("offset").desc())
            .limit(most)
            .collectAsList()) {
      Partition partition = new Partition(row.getString(0), row.getInt(1));
      records.add(
          new RejectedRecord(
              partition.topic(),
              partition.number(),
              row.getLong(2),
              instant(row.getTimestamp(3)),
              row.getString(4),
              row.getString(5),
              instant(row.getTimestamp(6)),
              readBy(history, partition, row.getLong(2))));
    }
    Collections.reverse(records);
    return records;
  }

  private static Instant instant(Timestamp time) {
    return time == null ? null : time.toInstant();
  }

  /** The first kept commit whose batch read an offset; null if that has expired. */
  private static Commit readBy(History history, Partition partition, long offset) {
    return history.staging().stream()
        .filter(commit -> commit.isOfRun())
        .filter(
            commit -> commit.progress().filter(read -> holds(read, partition, offset)).isPresent())
        .findFirst()
        .orElse(null);
  }

  private static boolean holds(Progress read, Partition partition, long offset) {
    long from = next(read.from(), partition);
    return offset >= from && offset < next(read.to(), partition);
  }

  private static long next(Offsets offsets, Partition partition) {
    return offsets.next().getOrDefault(partition, 0L);
  }
}

package io.sessionize.spark.internal;

import io.sessionize.job.BatchTooLargeException;
import java.io.Serializable;
import java.util.UUID;
import org.apache.spark.TaskContext;

/**
 * Limits the bytes of a batch's records in one process. Kafka's offsets do not say how large the
 * records are, and a few kilobytes may decompress to gigabytes. So they are counted when they are
 * decoded, for all tasks of the process together.
 *
 * @param batch identifies the batch
 * @param bytes the limit; Long.MAX_VALUE for none
 */
public record ReadLimit(UUID batch, long bytes) implements Serializable {
  /** How much a task counts by itself before it adds it to the sum. */
  private static final long STEP_BYTES = 1 << 20;

  private static Sum current = new Sum(null);

  /** A limit for one batch. */
  public static ReadLimit of(long bytes) {
    return new ReadLimit(UUID.randomUUID(), bytes);
  }

  /** Creates the counter of the current task. A task that is repeated is not counted again. */
  Counter counter() {
    TaskContext task = TaskContext.get();
    boolean isFirst = task.attemptNumber() == 0 && task.stageAttemptNumber() == 0;
    return new Counter(isFirst ? bytes : Long.MAX_VALUE);
  }

  /** What one process has read of one batch. */
  private static final class Sum {
    private final UUID batch;
    private long records;
    private long bytes;

    private Sum(UUID batch) {
      this.batch = batch;
    }
  }

  /** Counts the records of one task. Not thread-safe. */
  final class Counter {
    private final long limit;
    private long records;
    private long bytes;

    private Counter(long limit) {
      this.limit = limit;
    }

    /**
     * Counts a record.
     *
     * @throws BatchTooLargeException if the process has read more than the limit, unless it is a
     *     single record, which cannot be split
     */
    void add(long size) {
      records++;
      bytes += size;
      if (bytes >= STEP_BYTES && limit < Long.MAX_VALUE) {
        addToSum();
      }
    }

    private void addToSum() {
      synchronized (ReadLimit.class) {
        if (!batch.equals(current.batch)) {
          current = new Sum(batch);
        }
        current.records += records;
        current.bytes += bytes;
        if (current.bytes > limit && current.records > 1) {
          throw new BatchTooLargeException(current.records, limit);
        }
      }
      records = 0;
      bytes = 0;
    }
  }
}

package io.sessionize.spark.internal;

import io.sessionize.job.BatchTooLargeException;
import java.io.Serializable;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the bytes of a batch's records. Kafka's offsets do not say how large the records are, and
 * a few kilobytes may decompress to gigabytes. So they are counted when they are decoded, for all
 * tasks of one process together.
 *
 * @param batch identifies the batch
 * @param bytesPerCore the limit of a process, for each of its cores
 */
public record ReadLimit(UUID batch, long bytesPerCore) implements Serializable {
  private static Counter current = new Counter(null, Long.MAX_VALUE);

  /** A limit for one batch; Long.MAX_VALUE for none. */
  public static ReadLimit of(long bytesPerCore) {
    return new ReadLimit(UUID.randomUUID(), bytesPerCore);
  }

  /** No limit. */
  public static ReadLimit none() {
    return of(Long.MAX_VALUE);
  }

  /** The counter of this batch, in this process. */
  Counter counter() {
    synchronized (ReadLimit.class) {
      if (!batch.equals(current.batch)) {
        int cores = Runtime.getRuntime().availableProcessors();
        boolean limited = bytesPerCore <= Long.MAX_VALUE / cores;
        current = new Counter(batch, limited ? bytesPerCore * cores : Long.MAX_VALUE);
      }
      return current;
    }
  }

  /** Counts the records of one batch in one process. Thread-safe. */
  static final class Counter {
    private final UUID batch;
    private final long limit;
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    private Counter(UUID batch, long limit) {
      this.batch = batch;
      this.limit = limit;
    }

    /**
     * Counts a record.
     *
     * @throws BatchTooLargeException if the batch has more bytes than its limit
     */
    void add(long size) {
      long read = records.incrementAndGet();
      if (bytes.addAndGet(size) > limit) {
        throw new BatchTooLargeException(read, limit);
      }
    }
  }
}

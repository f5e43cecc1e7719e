package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The keys of all rows of a data file of staging, in some twenty bytes a row. They stay in the
 * memory of the process while there is space, so that the batches of a loop read a file's keys
 * once: data files never change.
 */
final class StagedKeys {
  /** A staging table has a file for each 250,000 events, and some small ones. */
  private static final SoftCache<StagedKeys> READ = new SoftCache<>(1_000);

  private final long first;
  private final long[] users;
  private final long[] endsMs;
  private final BitSet missing;
  private final Map<Integer, Published> published;

  /** The user and the start of a published session: more than a hundred bytes. */
  private record Published(String uuid, long startMs) {}

  /** Called with each row that has a user, a start and an end. */
  interface Consumer {
    /**
     * @param position in the file
     * @param user hash of the user
     */
    void accept(long position, long user, long endMs, boolean isPublished);
  }

  private StagedKeys(CloseableIterable<InternalRow> rows) {
    long begin = -1;
    int count = 0;
    long[] hashes = new long[1_024];
    long[] ends = new long[1_024];
    missing = new BitSet();
    published = new HashMap<>();
    for (InternalRow row : rows) {
      if (begin < 0) {
        begin = row.getLong(KnownRows.STAGED_KEY.length());
      }
      if (count == hashes.length) {
        hashes = Arrays.copyOf(hashes, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      if (RowKey.isIn(row)) {
        hashes[count] = SortedRows.hash(row);
        ends[count] = row.getLong(KnownRows.KEY_END_MS);
        if (RowKey.isPublished(row)) {
          published.put(
              count,
              new Published(row.getString(KnownRows.KEY_UUID), row.getLong(KnownRows.KEY_START)));
        }
      } else {
        missing.set(count);
      }
      count++;
    }
    first = begin;
    users = Arrays.copyOf(hashes, count);
    endsMs = Arrays.copyOf(ends, count);
  }

  /**
   * Reads the keys, unless they are in memory.
   *
   * @param reader of the columns {@link KnownRows#STAGED_KEY}
   */
  static StagedKeys of(StoredFileReader reader, StoredFile file) {
    return READ.get(file.task().file().location(), () -> read(reader, file));
  }

  private static StagedKeys read(StoredFileReader reader, StoredFile file) {
    StoredFile whole = new StoredFile(file.number(), new WithoutDeletes(file.task()));
    try (CloseableIterable<InternalRow> rows = reader.open(whole, Expressions.alwaysTrue())) {
      return new StagedKeys(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls with each row that is not deleted. */
  void forEach(DeletedPositions deleted, Consumer consumer) {
    for (int i = 0; i < users.length; i++) {
      if (!missing.get(i) && !deleted.contains(first + i)) {
        consumer.accept(first + i, users[i], endsMs[i], published.containsKey(i));
      }
    }
  }

  /** The key of a row. It has the user and the start of a published session only. */
  RowKey key(long position, int file) {
    int i = (int) (position - first);
    Published row = published.get(i);
    return row == null
        ? new RowKey(null, 0, endsMs[i], false, file, position)
        : new RowKey(row.uuid(), row.startMs(), endsMs[i], true, file, position);
  }
}

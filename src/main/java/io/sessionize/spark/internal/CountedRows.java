package io.sessionize.spark.internal;

import io.sessionize.job.RecordCounts;
import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;

/** Decoded rows of one task, and counts that the rows do not show. */
interface CountedRows extends Iterator<InternalRow> {

  /**
   * Whether the last row is an event that is filtered: it shows only how far time has come in its
   * partition.
   */
  boolean isFiltered();

  /** The counts of all rows so far. */
  RecordCounts counts();

  /** Rows of which each is one record. None is filtered. */
  static CountedRows of(Iterator<InternalRow> rows) {
    return new CountedRows() {
      private long count;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public InternalRow next() {
        count++;
        return rows.next();
      }

      @Override
      public boolean isFiltered() {
        return false;
      }

      @Override
      public RecordCounts counts() {
        return RecordCounts.ofRecords(count);
      }
    };
  }
}

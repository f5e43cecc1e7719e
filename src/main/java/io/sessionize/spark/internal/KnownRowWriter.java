package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.SessionRows;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;

/** Writes stored rows as rows of {@link KnownRows#KNOWN}, each into the same mutable row. */
final class KnownRowWriter {
  /** The columns that are read from both tables. */
  static final StructType READ = SessionRows.SESSION;

  private final UnsafeProjection projection = UnsafeProjection.create(KnownRows.KNOWN);
  private final GenericInternalRow number = new GenericInternalRow(1);
  private final JoinedRow joined = new JoinedRow();

  /**
   * @param row of {@link #READ}, and its position in the file
   * @param file number of its file; null for a row of staging
   */
  InternalRow write(InternalRow row, Integer file) {
    number.update(0, file);
    return projection.apply(joined.apply(row, number));
  }
}

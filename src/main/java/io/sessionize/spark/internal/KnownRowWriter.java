package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;

/** Writes stored rows as rows of {@link KnownRows}, each into the same mutable row. */
final class KnownRowWriter {
  private final UnsafeProjection projection;
  private final GenericInternalRow number = new GenericInternalRow(1);
  private final JoinedRow joined = new JoinedRow();

  KnownRowWriter(RowSchemas schemas) {
    projection = UnsafeProjection.create(schemas.known());
  }

  /**
   * @param row with the columns of a session, and its position in the file
   * @param file number of its file; null for a row of staging
   */
  InternalRow write(InternalRow row, Integer file) {
    number.update(0, file);
    return projection.apply(joined.apply(row, number));
  }
}

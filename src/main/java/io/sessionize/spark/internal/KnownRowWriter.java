package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/** Writes stored rows as rows of {@link KnownRows}, each into the same mutable row. */
final class KnownRowWriter {
  private final UnsafeProjection projection;
  private final GenericInternalRow number = new GenericInternalRow(1);
  private final JoinedRow joined = new JoinedRow();

  KnownRowWriter(RowSchemas schemas) {
    StructType known = schemas.known();
    int columns = schemas.columns().length();
    List<Expression> all = new ArrayList<>();
    for (int i = 0; i < known.length(); i++) {
      // Session columns precede the position in the stored row, and follow the file in the known
      // one.
      int from =
          i < KnownRows.POSITION
              ? i
              : i < KnownRows.COLUMNS ? i + columns : i - KnownRows.COLUMNS + KnownRows.POSITION;
      all.add(new BoundReference(from, known.apply(i).dataType(), true));
    }
    projection = UnsafeProjection.create(JavaConverters.asScalaBuffer(all).toSeq());
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

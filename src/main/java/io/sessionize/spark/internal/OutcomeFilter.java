package io.sessionize.spark.internal;

import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Outcome.Change;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;

/** Selects outcomes by what they do. Rows of {@link OutcomeRows#OUTCOME}. */
public final class OutcomeFilter {
  private OutcomeFilter() {}

  /** The outcomes whose session is written to the sessions table: it is added or changed. */
  public static InternalRows written(InternalRows outcomes) {
    return outcomes.where(row -> is(row, Change.ADDED) || is(row, Change.CHANGED));
  }

  /** The outcomes whose stored row is deleted: it is changed or removed. */
  public static InternalRows replaced(InternalRows outcomes) {
    return outcomes.where(row -> is(row, Change.CHANGED) || is(row, Change.REMOVED));
  }

  /** The sessions that are open, without damaged rows. */
  public static InternalRows open(InternalRows outcomes) {
    return outcomes.where(
        row -> row.getBoolean(OutcomeRows.IS_OPEN) && !row.getBoolean(OutcomeRows.DAMAGED));
  }

  /** The columns of staging of these outcomes: rows of {@link RowSchemas#open}. */
  public static InternalRows staged(InternalRows outcomes, RowSchemas schemas) {
    StructType columns = schemas.outcome();
    List<Expression> staged = new ArrayList<>();
    for (StructField column : schemas.open().fields()) {
      int at = columns.fieldIndex(column.name());
      staged.add(new BoundReference(at, column.dataType(), true));
    }
    return outcomes.map(
        rows ->
            rows.mapPartitions(
                some -> {
                  UnsafeProjection chosen =
                      UnsafeProjection.create(JavaConverters.asScalaBuffer(staged).toSeq());
                  return StoredRows.streamOf(some).<InternalRow>map(chosen::apply).iterator();
                }));
  }

  private static boolean is(InternalRow row, Change change) {
    return row.getUTF8String(OutcomeRows.CHANGE).equals(UTF8String.fromString(change.name()));
  }
}

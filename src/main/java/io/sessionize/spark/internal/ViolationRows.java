package io.sessionize.spark.internal;

import static org.apache.spark.sql.types.DataTypes.StringType;

import io.sessionize.session.BrokenInvariant;
import io.sessionize.session.CheckedRow;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.StructType;

/** Rows that break an invariant, one for each row and invariant. */
public final class ViolationRows {
  public static final StructType COLUMNS =
      new StructType()
          .add("table_name", StringType)
          .add("session_id", StringType)
          .add("uuid", StringType)
          .add("invariant", StringType)
          .add("detail", StringType);

  /** What a violation is about. */
  enum Table {
    SESSIONS,
    OPEN,
    LIVE
  }

  private ViolationRows() {}

  /** Writes such rows, each into the same mutable row. */
  static final class Writer {
    private final UnsafeRowWriter row = new UnsafeRowWriter(COLUMNS.length());
    private final List<String> names;

    /**
     * @param names of the tables, in the order of {@link Table}
     */
    Writer(List<String> names) {
      this.names = names;
    }

    InternalRow write(Table table, CheckedRow of, BrokenInvariant broken) {
      row.reset();
      row.zeroOutNullBytes();
      UnsafeRows.text(row, 0, names.get(table.ordinal()));
      UnsafeRows.text(row, 1, of.sessionId());
      UnsafeRows.text(row, 2, of.uuid());
      UnsafeRows.text(row, 3, broken.name());
      UnsafeRows.text(row, 4, broken.detail());
      return row.getRow();
    }
  }
}

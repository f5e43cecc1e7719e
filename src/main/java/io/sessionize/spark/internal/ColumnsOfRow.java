package io.sessionize.spark.internal;

import java.util.Arrays;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Shows the columns of a row to Iceberg, which computes partitions from them. Columns of simple
 * types only: no other can be the source of a partition.
 */
final class ColumnsOfRow implements StructLike {
  private final int[] positions;
  private final DataType[] types;
  private InternalRow row;

  /**
   * @param shown columns that Iceberg asks for, in their order
   * @param columns of the rows; a shown column that is not among them is null
   */
  ColumnsOfRow(StructType shown, org.apache.spark.sql.types.StructType columns) {
    int size = shown.fields().size();
    this.positions = new int[size];
    this.types = new DataType[size];
    for (int i = 0; i < size; i++) {
      NestedField field = shown.fields().get(i);
      positions[i] = Arrays.asList(columns.fieldNames()).indexOf(field.name());
      types[i] = positions[i] < 0 ? DataTypes.NullType : columns.apply(positions[i]).dataType();
    }
  }

  ColumnsOfRow of(InternalRow values) {
    row = values;
    return this;
  }

  @Override
  public int size() {
    return positions.length;
  }

  @Override
  public <T> T get(int column, Class<T> type) {
    int position = positions[column];
    if (position < 0 || row.isNullAt(position)) {
      return null;
    }
    Object value = row.get(position, types[column]);
    return type.cast(types[column].equals(DataTypes.StringType) ? value.toString() : value);
  }

  @Override
  public <T> void set(int column, T value) {
    throw new UnsupportedOperationException("read only");
  }
}

package io.sessionize.spark.internal;

import java.io.Serializable;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.DeleteFilter;
import org.apache.iceberg.encryption.EncryptingFileIO;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.TypeUtil;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the rows of data files in a task, without those that delete files delete. The columns are
 * found by their ids, or by the table's name mapping in files without ids; a column that a file
 * lacks is null.
 */
final class StoredFileReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<Table> table;
  private final StructType columns;

  /**
   * @param table serializable copy of the table
   * @param columns to read; the position of a row in its file follows them
   */
  StoredFileReader(Broadcast<Table> table, StructType columns) {
    this.table = table;
    this.columns = columns;
  }

  /** The index of the row's position in its file, which follows the columns. */
  int positionIndex() {
    return columns.length();
  }

  /**
   * Opens a file. The caller closes it. Each row is a new object.
   *
   * @param filter leaves out row groups that hold no row for which it is true
   */
  CloseableIterable<InternalRow> open(StoredFile file, Expression filter) {
    return open(file, filter, null);
  }

  /**
   * Opens a file. The caller closes it. Each row is a new object.
   *
   * @param filter leaves out row groups that hold no row for which it is true
   * @param wanted the number of rows of a row group, from its first on, that are read; null for
   *     all. A file that has one row group or is not of Parquet is read as a whole
   */
  CloseableIterable<InternalRow> open(
      StoredFile file, Expression filter, ToLongFunction<ParquetFooter.RowGroup> wanted) {
    return open(file, filter, wanted, filter);
  }

  /**
   * Opens a file. The caller closes it. Each row is a new object.
   *
   * @param filter leaves out row groups that hold no row for which it is true
   * @param wanted as above
   * @param ofWhole the filter of a file to which {@code wanted} does not apply
   */
  CloseableIterable<InternalRow> open(
      StoredFile file,
      Expression filter,
      ToLongFunction<ParquetFooter.RowGroup> wanted,
      Expression ofWhole) {
    Table at = table.value();
    Schema read =
        TypeUtil.join(
            SparkSchemaUtil.convertWithFreshIds(at.schema(), columns),
            new Schema(MetadataColumns.ROW_POSITION));
    Deletes deletes = new Deletes(file, at, read);
    InputFile input = io(at).newInputFile(file.task().file());
    Optional<ChosenRowGroups> chosen = ChosenRowGroups.of(file, input, at.schema(), wanted);
    OpenedRowGroups.record(file.task(), chosen.map(ChosenRowGroups::count).orElse(-1));
    if (chosen.isPresent() && chosen.get().isEmpty()) {
      return CloseableIterable.empty();
    }
    ReadBuilder<InternalRow, ?> rows =
        FormatModelRegistry.readBuilder(
            file.task().file().format(),
            InternalRow.class,
            chosen.map(ChosenRowGroups::file).orElse(input));
    String mapping = at.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    if (mapping != null) {
      rows.withNameMapping(NameMappingParser.fromJson(mapping));
    }
    if (chosen.isEmpty()) {
      rows.split(file.task().start(), file.task().length());
    }
    Expression ofFile = ofFile(file, at, chosen.isPresent() ? filter : ofWhole);
    if (ofFile.op() != Expression.Operation.TRUE) {
      rows.filter(ofFile);
    }
    CloseableIterable<InternalRow> all =
        rows.project(deletes.requiredSchema()).caseSensitive(true).build();
    return cut(
        deletes.filter(chosen.map(some -> some.located(all, positionIndex())).orElse(all)),
        deletes.requiredSchema().columns().size() - read.columns().size());
  }

  /** What is left of a filter if the file's partition is known. */
  private static Expression ofFile(StoredFile file, Table at, Expression filter) {
    return ResidualEvaluator.of(at.specs().get(file.task().file().specId()), filter, true)
        .residualFor(file.task().file().partition());
  }

  /** Cuts off the columns that only delete files need. They follow the position. */
  private CloseableIterable<InternalRow> cut(CloseableIterable<InternalRow> rows, int more) {
    if (more == 0) {
      return rows;
    }
    StructType kept = columns.add("position", DataTypes.LongType);
    return CloseableIterable.transform(
        rows,
        row -> {
          Object[] values = new Object[kept.length()];
          for (int i = 0; i < values.length; i++) {
            values[i] = row.isNullAt(i) ? null : row.get(i, kept.apply(i).dataType());
          }
          return new GenericInternalRow(values);
        });
  }

  private static EncryptingFileIO io(Table table) {
    return EncryptingFileIO.combine(table.io(), table.encryption());
  }

  /** Leaves out deleted rows. */
  private final class Deletes extends DeleteFilter<InternalRow> {
    private final EncryptingFileIO io;
    private final ColumnsOfRow shown;

    Deletes(StoredFile file, Table at, Schema wanted) {
      super(file.task().file().location(), file.task().deletes(), at.schema(), wanted);
      this.io = io(at);
      this.shown =
          new ColumnsOfRow(requiredSchema().asStruct(), SparkSchemaUtil.convert(requiredSchema()));
    }

    @Override
    protected StructLike asStructLike(InternalRow row) {
      return shown.of(row);
    }

    @Override
    protected long pos(InternalRow row) {
      return row.getLong(positionIndex());
    }

    @Override
    protected InputFile getInputFile(String location) {
      return io.newInputFile(location);
    }

    @Override
    protected InputFile loadInputFile(DeleteFile file) {
      return io.newInputFile(file);
    }
  }
}

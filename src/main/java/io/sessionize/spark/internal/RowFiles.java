package io.sessionize.spark.internal;

import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.RegistryBasedFileWriterFactory;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Opens data files and delete files of a table, in the formats that its properties set. */
final class RowFiles extends RegistryBasedFileWriterFactory<InternalRow, StructType> {
  private static final long serialVersionUID = 1L;

  /**
   * Parquet looks at the size of a row group after the first row, not after a hundred: the session
   * of a large user has many megabytes.
   */
  private static final Map<String, String> WRITING =
      Map.of(TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT, "1");

  /** As for the sessions table; older staging tables do not have the property. */
  private static final Map<String, String> IN_SMALL_ROW_GROUPS =
      Map.of(
          TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT,
          "1",
          TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
          Integer.toString(2 << 20));

  private final FileFormat format;
  private final FileFormat deletes;

  /**
   * @param written columns of the table that data files hold
   */
  RowFiles(Table table, StructType written) {
    this(table, written, false);
  }

  /**
   * @param smallRowGroups whether a reader leaves out most of a file
   */
  RowFiles(Table table, StructType written, boolean smallRowGroups) {
    this(table, written, dataFormat(table), smallRowGroups ? IN_SMALL_ROW_GROUPS : WRITING);
  }

  private RowFiles(
      Table table, StructType written, FileFormat format, Map<String, String> writing) {
    this(table, written, format, deleteFormat(table, format), writing);
  }

  private RowFiles(
      Table table,
      StructType written,
      FileFormat format,
      FileFormat deletes,
      Map<String, String> writing) {
    super(
        table,
        format,
        InternalRow.class,
        SparkSchemaUtil.convertWithFreshIds(table.schema(), written),
        null,
        deletes,
        null,
        null,
        null,
        writing,
        written,
        null);
    this.format = format;
    this.deletes = deletes;
  }

  FileFormat format() {
    return format;
  }

  FileFormat deleteFormat() {
    return deletes;
  }

  private static FileFormat dataFormat(Table table) {
    return FileFormat.fromString(
        table
            .properties()
            .getOrDefault(
                TableProperties.DEFAULT_FILE_FORMAT, TableProperties.DEFAULT_FILE_FORMAT_DEFAULT));
  }

  private static FileFormat deleteFormat(Table table, FileFormat format) {
    String given = table.properties().get(TableProperties.DELETE_DEFAULT_FILE_FORMAT);
    return given == null ? format : FileFormat.fromString(given);
  }
}

package io.sessionize.table;

import static org.apache.spark.sql.functions.col;

import io.sessionize.column.SessionColumn;
import io.sessionize.row.SessionRows;
import io.sessionize.summary.TableNames;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.SnapshotUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The columns that users have added to the sessions table. A row that a batch changes keeps its
 * values of these columns. Other rows have null there.
 */
final class UserAddedColumns {
  private static final String[] KEY = {"uuid", "session_id"};

  private final List<Column> columns;

  private UserAddedColumns(List<Column> columns) {
    this.columns = columns;
  }

  /** The columns at a snapshot. One that was added later is null in all rows of the snapshot. */
  static UserAddedColumns of(Table sessions, long snapshot, List<SessionColumn> sessionColumns) {
    return new UserAddedColumns(
        SnapshotUtil.schemaFor(sessions, snapshot).columns().stream()
            .map(NestedField::name)
            .filter(name -> SessionRows.SESSION.getFieldIndex(name).isEmpty())
            .filter(name -> sessionColumns.stream().noneMatch(one -> one.name().equals(name)))
            .map(name -> col(TableNames.quote(name)))
            .toList());
  }

  boolean isEmpty() {
    return columns.isEmpty();
  }

  /**
   * Adds the columns to rows.
   *
   * @param rows of sessions
   * @param stored rows that have the values, if they have the same user and id
   */
  Dataset<Row> addedTo(Dataset<Row> rows, Dataset<Row> stored) {
    Dataset<Row> values =
        stored.select(with(Stream.of(KEY).map(name -> col(name)))).dropDuplicates(KEY);
    Stream<Column> own = Stream.of(rows.columns()).map(name -> col(TableNames.quote(name)));
    return rows.join(values, KEY, "left").select(with(own));
  }

  private Column[] with(Stream<Column> others) {
    return Stream.concat(others, columns.stream()).toArray(Column[]::new);
  }
}

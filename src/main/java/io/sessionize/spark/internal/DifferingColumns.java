package io.sessionize.spark.internal;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.column.Demand;
import io.sessionize.row.KnownRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Session;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Finds stored rows with session columns that do not follow from their own events. It evaluates the
 * columns as a batch does that loads the rows. Damaged rows are skipped.
 */
public final class DifferingColumns implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final StructType FOUND =
      new StructType()
          .add("table_name", DataTypes.StringType)
          .add("session_id", DataTypes.StringType)
          .add("uuid", DataTypes.StringType)
          .add("columns", DataTypes.createArrayType(DataTypes.StringType));

  private final SessionExpressions columns;
  private final List<List<Demand>> demands;

  private DifferingColumns(SessionExpressions columns, List<List<Demand>> demands) {
    this.columns = columns;
    this.demands = demands;
  }

  /**
   * The rows: columns {@code table_name, session_id, uuid}, and {@code columns}, the names of those
   * that differ. Lazy.
   *
   * @param rows with the columns of a session, {@code table_name}, and {@code demand}, an index in
   *     {@code demands}
   * @param demands on the session columns in their order
   */
  public static Dataset<Row> of(
      SparkSession spark,
      SessionExpressions columns,
      Dataset<Row> rows,
      List<List<Demand>> demands) {
    DifferingColumns differing = new DifferingColumns(columns, List.copyOf(demands));
    return InternalRows.of(known(rows, columns.schemas().columns()))
        .map(stored -> stored.mapPartitions(differing::found))
        .toRows(spark, FOUND);
  }

  /** The rows as a batch loads them, and then the table and the demand. */
  private static Dataset<Row> known(Dataset<Row> rows, StructType columns) {
    List<Column> known = new ArrayList<>(List.of(SessionRows.columns()));
    known.add(lit(null).cast(DataTypes.LongType));
    known.add(lit(null).cast(DataTypes.IntegerType));
    known.addAll(List.of(SessionRows.columns(columns)));
    known.add(col("table_name"));
    known.add(col("demand"));
    return rows.select(known.toArray(Column[]::new));
  }

  private Iterator<InternalRow> found(Iterator<InternalRow> rows) {
    Finder finder = new Finder(columns, demands);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
        .map(finder::found)
        .filter(Objects::nonNull)
        .iterator();
  }

  /** Examines rows, for one task. */
  private static final class Finder {
    private final StructType columns;
    private final List<List<Demand>> demands;
    private final SessionRowReader reader;
    private final ColumnValues values;

    Finder(SessionExpressions expressions, List<List<Demand>> demands) {
      this.columns = expressions.schemas().columns();
      this.demands = demands;
      this.reader = new SessionRowReader(expressions.schemas());
      this.values = expressions.compile();
    }

    /** Returns what is found in a row; null for nothing. */
    InternalRow found(InternalRow row) {
      Session session = reader.session(row);
      if (SessionRowReader.isDamaged(row, session)) {
        return null;
      }
      int table = KnownRows.COLUMNS + columns.length();
      List<Demand> demanded = demands.get(row.getInt(table + 1));
      Object[] names =
          values
              .differing(row, session)
              .filter(column -> isWrong(row, column, demanded.get(column)))
              .mapToObj(column -> UTF8String.fromString(columns.apply(column).name()))
              .toArray();
      return names.length == 0
          ? null
          : new GenericInternalRow(
              new Object[] {
                row.getUTF8String(table).clone(),
                text(row, SessionRows.SESSION_ID),
                text(row, SessionRows.UUID),
                new GenericArrayData(names)
              });
    }

    private static boolean isWrong(InternalRow row, int column, Demand demand) {
      return switch (demand) {
        case VALUE -> true;
        case VALUE_OR_NULL -> !row.isNullAt(KnownRows.COLUMNS + column);
        case NOTHING -> false;
      };
    }

    private static UTF8String text(InternalRow row, int column) {
      return row.isNullAt(column) ? null : row.getUTF8String(column).clone();
    }
  }
}

package io.sessionize.spark.internal;

import io.sessionize.column.SessionColumn;
import io.sessionize.column.SessionColumns.WebSet;
import io.sessionize.column.web.EventCount;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.catalyst.util.TypeUtils;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;

/**
 * Evaluates the session columns of sessions. Each expression is interpreted: those of events are
 * higher-order functions, which Spark never compiles, and to compile the others costs a cold
 * process more than it saves. For one thread.
 */
final class ColumnValues {
  /** The largest value that a row gets, in bytes. */
  private static final int LARGEST_VALUE = 16 << 20;

  private final StructType columns;
  private final Expression[] own;
  private final int[] positions;
  private final Web web;
  private final GenericInternalRow values;
  private final UnsafeProjection toRow;
  private final UnsafeProjection stored;
  private final SQLConf settings = SqlExpression.fixedSettings();
  private final BitSet failed = new BitSet();
  private final ColumnFailures failures;

  /** The set web, with the position of each of its values; -1 if it is not in use. */
  private record Web(WebColumns columns, int[] positions) {

    static Web of(WebSet set, RowSchemas schemas) {
      WebColumns columns = new WebColumns(set.settings(), schemas.properties(), set.properties());
      List<String> recorded = set.columns().stream().map(SessionColumn::name).toList();
      int[] positions =
          WebColumns.names(set.settings()).stream()
              .mapToInt(name -> recorded.contains(name) ? schemas.columns().fieldIndex(name) : -1)
              .toArray();
      return new Web(columns, positions);
    }
  }

  /**
   * @param failures counts the values that fail in rows that are written; null if nobody counts
   */
  ColumnValues(
      RowSchemas schemas,
      List<SqlExpression> own,
      List<Integer> positions,
      WebSet web,
      ColumnFailures failures) {
    this.failures = failures;
    this.columns = schemas.columns();
    this.own = own.stream().map(SqlExpression::bound).toArray(Expression[]::new);
    this.positions = positions.stream().mapToInt(Integer::intValue).toArray();
    this.web = web == null ? null : Web.of(web, schemas);
    this.values = new GenericInternalRow(columns.length());
    this.toRow = UnsafeProjection.create(columns);
    List<Expression> storedColumns = new ArrayList<>();
    for (int i = 0; i < columns.length(); i++) {
      storedColumns.add(
          new BoundReference(KnownRows.COLUMNS + i, columns.apply(i).dataType(), true));
    }
    this.stored = UnsafeProjection.create(JavaConverters.asScalaBuffer(storedColumns).toSeq());
  }

  /** The values of a row that holds no session: null. */
  UnsafeRow none() {
    return toRow.apply(new GenericInternalRow(columns.length())).copy();
  }

  /**
   * The values of a session, in the same mutable row.
   *
   * @param row whose first columns are those of the session
   */
  UnsafeRow of(InternalRow row, Session session) {
    return SQLConf.withExistingConf(settings, () -> evaluated(row, session));
  }

  private UnsafeRow evaluated(InternalRow row, Session session) {
    failed.clear();
    for (int i = 0; i < own.length; i++) {
      values.update(positions[i], value(own[i], positions[i], row));
    }
    if (web != null) {
      evaluateWeb(session);
    }
    return withoutLargeValues();
  }

  /** A value that is too large fails, so that it does not stop the batch. */
  private UnsafeRow withoutLargeValues() {
    UnsafeRow row;
    try {
      row = toRow.apply(values);
    } catch (RuntimeException e) {
      // Larger than two gigabytes: nothing tells which value it is.
      failed.set(0, columns.length());
      return none();
    }
    if (row.getSizeInBytes() <= LARGEST_VALUE) {
      return row;
    }
    for (int i = 0; i < columns.length(); i++) {
      // The lower half of the word of such a value is its length.
      boolean hasLength = !UnsafeRow.isFixedLength(columns.apply(i).dataType());
      if (hasLength && !row.isNullAt(i) && (int) row.getLong(i) > LARGEST_VALUE) {
        values.update(i, null);
        failed.set(i);
      }
    }
    return toRow.apply(values);
  }

  private Object value(Expression expression, int position, InternalRow row) {
    try {
      return expression.eval(row);
    } catch (Throwable e) {
      throwIfFatal(e);
      failed.set(position);
      return null;
    }
  }

  private void evaluateWeb(Session session) {
    Object[] made;
    try {
      made = web.columns().values(session);
    } catch (RuntimeException | StackOverflowError e) {
      made = new Object[web.positions().length];
      Arrays.stream(web.positions()).filter(position -> position >= 0).forEach(failed::set);
    }
    for (int i = 0; i < made.length; i++) {
      if (web.positions()[i] >= 0) {
        values.update(web.positions()[i], internal(made[i]));
      }
    }
  }

  /** Returns a value of {@link WebColumns#values} in Spark's internal format. */
  private static Object internal(Object value) {
    if (value instanceof String text) {
      return UTF8String.fromString(text);
    }
    if (value instanceof EventCount one) {
      return new GenericInternalRow(new Object[] {internal(one.name()), one.count()});
    }
    return value instanceof List<?> list
        ? new GenericArrayData(list.stream().map(ColumnValues::internal).toArray())
        : value;
  }

  /** A text can be too deep for a regular expression. */
  private static void throwIfFatal(Throwable thrown) {
    if (thrown instanceof Error fatal && !(thrown instanceof StackOverflowError)) {
      throw fatal;
    }
  }

  /** Counts the values of the last session that have failed: they are null. */
  int countFailed() {
    if (failures != null) {
      failed.stream().forEach(failures::add);
    }
    return failed.cardinality();
  }

  /**
   * Whether the session columns of a stored row are those of its session.
   *
   * @param row of {@link KnownRows}, whose other columns are those of the session
   */
  boolean areIn(InternalRow row, Session session) {
    return differing(row, session).findAny().isEmpty();
  }

  /** The positions of the session columns of a stored row that are not those of its session. */
  IntStream differing(InternalRow row, Session session) {
    UnsafeRow due = of(row, session);
    UnsafeRow found = stored.apply(row);
    return due.equals(found)
        ? IntStream.empty()
        : IntStream.range(0, columns.length()).filter(column -> !isSame(due, found, column));
  }

  /** Equal values may have different bytes, such as arrays that are laid out in another way. */
  private boolean isSame(UnsafeRow due, UnsafeRow found, int column) {
    DataType type = columns.apply(column).dataType();
    if (due.isNullAt(column) || found.isNullAt(column)) {
      return due.isNullAt(column) && found.isNullAt(column);
    }
    return TypeUtils.getInterpretedOrdering(type)
            .compare(due.get(column, type), found.get(column, type))
        == 0;
  }
}

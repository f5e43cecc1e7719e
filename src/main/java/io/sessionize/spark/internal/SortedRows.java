package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.ToLongFunction;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter.PrefixComputer;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;
import scala.collection.JavaConverters;

/**
 * Sorts the rows of a task by a number, in memory and beyond it on disk. It is Spark's own sorter,
 * without a plan and generated code.
 */
final class SortedRows {
  private static final long SEED = 42;

  private SortedRows() {}

  /**
   * Sorts rows by the hash of their user. The keys of a sort by name are often equal in the eight
   * bytes that Spark compares first. Users of one hash are mixed.
   *
   * @param rows {@code UnsafeRow}, with the user in the first column
   * @return the rows, each in the same mutable row
   */
  static Iterator<InternalRow> byHash(Iterator<InternalRow> rows, StructType columns) {
    Sorter sorter = new Sorter(columns, SortedRows::hash);
    rows.forEachRemaining(sorter::add);
    return sorter.sorted();
  }

  /**
   * Sorts rows by a number, and rows of one number by user.
   *
   * @param rows as for {@link #byHash}, with the columns of {@link SessionRows#SESSION} first
   */
  static Iterator<InternalRow> byUser(
      Iterator<InternalRow> rows, StructType columns, ToLongFunction<InternalRow> number) {
    Sorter sorter = new Sorter(columns, number, new ByUser(columns.length()), false);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      try {
        sorter.add(row);
      } catch (OutOfMemoryError e) {
        LargestRow largest = new LargestRow();
        largest.met(row, UserRows.bytes(row));
        largest.throwIfLarge(e);
        throw e;
      }
    }
    return sorter.sorted();
  }

  /**
   * Rows of {@link CheckedRows} to sort by the hash of their user, then by user, start, end, id and
   * place. What is missing comes first.
   */
  static Sorter checked() {
    return new Sorter(
        CheckedRows.COLUMNS, SortedRows::hash, new ByUserAndTime(CheckedRows.COLUMNS), false);
  }

  /** Rows to sort by a number. Rows of one number are in any order. */
  static final class Sorter {
    private final UnsafeExternalRowSorter sorter;

    /**
     * @param number of a row, computed once
     */
    Sorter(StructType columns, ToLongFunction<InternalRow> number) {
      this(columns, number, new Same(), true);
    }

    private Sorter(
        StructType columns,
        ToLongFunction<InternalRow> number,
        RecordComparator comparator,
        boolean radix) {
      try {
        sorter =
            UnsafeExternalRowSorter.createWithRecordComparator(
                columns,
                () -> comparator,
                PrefixComparators.LONG,
                new Number(number),
                SparkEnv.get().memoryManager().pageSizeBytes(),
                radix);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Adds a copy of a row, which is an {@code UnsafeRow}. */
    void add(InternalRow row) {
      try {
        sorter.insertRow((UnsafeRow) row);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The rows, each in the same mutable row. To be called once, after the last row. */
    Iterator<InternalRow> sorted() {
      try {
        return JavaConverters.asJavaIterator(sorter.sort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static long hash(long number) {
    return XXH64.hashLong(number, SEED);
  }

  /** The hash of a row's user. */
  static long hash(InternalRow row) {
    return row.isNullAt(SessionRows.UUID)
        ? 0
        : XXH64.hashUTF8String(row.getUTF8String(SessionRows.UUID), SEED);
  }

  private static final class Number extends PrefixComputer {
    private final ToLongFunction<InternalRow> number;
    private final Prefix prefix = new Prefix();

    Number(ToLongFunction<InternalRow> number) {
      this.number = number;
    }

    @Override
    public Prefix computePrefix(InternalRow row) {
      prefix.value = number.applyAsLong(row);
      prefix.isNull = false;
      return prefix;
    }
  }

  private static final class Same extends RecordComparator {
    @Override
    public int compare(Object one, long at, int length, Object other, long otherAt, int size) {
      return 0;
    }
  }

  private static class ByUser extends RecordComparator {
    private final UnsafeRow left;
    private final UnsafeRow right;

    ByUser(int columns) {
      left = new UnsafeRow(columns);
      right = new UnsafeRow(columns);
    }

    @Override
    public int compare(Object one, long at, int length, Object other, long otherAt, int size) {
      left.pointTo(one, at, length);
      right.pointTo(other, otherAt, size);
      return compare(left, right);
    }

    int compare(UnsafeRow one, UnsafeRow other) {
      return user(one).compareTo(user(other));
    }

    private static UTF8String user(UnsafeRow row) {
      return row.isNullAt(SessionRows.UUID)
          ? UTF8String.EMPTY_UTF8
          : row.getUTF8String(SessionRows.UUID);
    }
  }

  private static final class ByUserAndTime extends ByUser {
    ByUserAndTime(StructType columns) {
      super(columns.length());
    }

    @Override
    int compare(UnsafeRow one, UnsafeRow other) {
      int byUser = super.compare(one, other);
      if (byUser != 0) {
        return byUser;
      }
      int byStart = compareNumbers(one, other, CheckedRows.START_MS);
      int byEnd = byStart != 0 ? byStart : compareNumbers(one, other, CheckedRows.END_MS);
      int byId = byEnd != 0 ? byEnd : compareIds(one, other);
      return byId != 0 ? byId : CheckedRows.place(one).compareTo(CheckedRows.place(other));
    }

    private static int compareNumbers(UnsafeRow one, UnsafeRow other, int column) {
      return one.isNullAt(column) || other.isNullAt(column)
          ? Boolean.compare(!one.isNullAt(column), !other.isNullAt(column))
          : Long.compare(one.getLong(column), other.getLong(column));
    }

    private static int compareIds(UnsafeRow one, UnsafeRow other) {
      int column = CheckedRows.SESSION_ID;
      return one.isNullAt(column) || other.isNullAt(column)
          ? Boolean.compare(!one.isNullAt(column), !other.isNullAt(column))
          : one.getUTF8String(column).compareTo(other.getUTF8String(column));
    }
  }
}

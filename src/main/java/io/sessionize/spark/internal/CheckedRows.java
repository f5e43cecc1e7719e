package io.sessionize.spark.internal;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import io.sessionize.session.BrokenInvariant;
import io.sessionize.session.CheckedRow;
import io.sessionize.session.CheckedRow.Place;
import io.sessionize.session.Edges;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeArrayWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Rows of which a check has judged each by itself, reduced to what is needed to judge them
 * together. They are small: they are shuffled by user.
 */
final class CheckedRows {
  static final int UUID = 0;
  static final int SESSION_ID = 1;
  static final int START_MS = 2;
  static final int END_MS = 3;
  static final int CLOSE_REASON = 4;
  static final int BOUNDARY_RULE = 5;
  private static final int PLACE = 6;
  private static final int BROKEN = 7;
  private static final int EDGE_TEXTS = 8;
  private static final int EDGE_NUMBERS = 9;

  /** The columns of a row that is judged only as a neighbour of others. */
  static final StructType KEY =
      new StructType()
          .add("uuid", StringType)
          .add("session_id", StringType)
          .add("session_start_time_ms", LongType)
          .add("session_end_time_ms", LongType)
          .add("close_reason", StringType)
          .add("boundary_rule", StringType);

  /** {@code broken} holds name and detail by turns. */
  static final StructType COLUMNS =
      KEY.add("place", IntegerType)
          .add("broken", DataTypes.createArrayType(StringType))
          .add("edge_texts", DataTypes.createArrayType(StringType))
          .add("edge_numbers", DataTypes.createArrayType(LongType));

  private static final Place[] PLACES = Place.values();

  private CheckedRows() {}

  static Place place(InternalRow row) {
    return PLACES[row.getInt(PLACE)];
  }

  static CheckedRow row(InternalRow row) {
    return new CheckedRow(
        place(row),
        text(row, UUID),
        text(row, SESSION_ID),
        number(row, START_MS),
        number(row, END_MS),
        text(row, CLOSE_REASON),
        text(row, BOUNDARY_RULE),
        row.isNullAt(EDGE_TEXTS) ? null : edges(row));
  }

  static String text(InternalRow row, int column) {
    return row.isNullAt(column) ? null : row.getUTF8String(column).toString();
  }

  static Long number(InternalRow row, int column) {
    return row.isNullAt(column) ? null : Long.valueOf(row.getLong(column));
  }

  /** What a row breaks by itself. */
  static List<BrokenInvariant> broken(InternalRow row) {
    if (row.isNullAt(BROKEN)) {
      return List.of();
    }
    List<String> texts = texts(row.getArray(BROKEN));
    List<BrokenInvariant> broken = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += 2) {
      broken.add(new BrokenInvariant(texts.get(i), texts.get(i + 1)));
    }
    return broken;
  }

  /** Elements may be null. */
  static List<String> texts(ArrayData array) {
    List<String> texts = new ArrayList<>(array.numElements());
    for (int i = 0; i < array.numElements(); i++) {
      texts.add(array.isNullAt(i) ? null : array.getUTF8String(i).toString());
    }
    return texts;
  }

  private static Edges edges(InternalRow row) {
    List<String> texts = texts(row.getArray(EDGE_TEXTS));
    long[] numbers = row.getArray(EDGE_NUMBERS).toLongArray();
    int values = 2 + (texts.size() - 2) / 2;
    return new Edges(
        texts.get(0),
        numbers[0],
        new Edges.Start(numbers[1] == 1, texts.subList(2, values), numbers[2], numbers[3]),
        new Edges.End(texts.get(1), texts.subList(values, texts.size()), numbers[4]));
  }

  /** Writes such rows, each into the same mutable row. */
  static final class Writer {
    private static final int BYTES = 8;

    private final UnsafeRowWriter row = new UnsafeRowWriter(COLUMNS.length());
    private final UnsafeArrayWriter array = new UnsafeArrayWriter(row, BYTES);
    private final int[] keyColumns;

    /**
     * @param keyColumns where the columns of {@link #KEY} are in the rows to come
     */
    Writer(int... keyColumns) {
      this.keyColumns = keyColumns;
    }

    /**
     * @param edges null if they are not known
     */
    InternalRow write(InternalRow stored, Place place, List<BrokenInvariant> broken, Edges edges) {
      row.reset();
      row.zeroOutNullBytes();
      for (int i = 0; i < keyColumns.length; i++) {
        copy(stored, keyColumns[i], i);
      }
      row.write(PLACE, place.ordinal());
      writeTexts(BROKEN, broken.isEmpty() ? null : texts(broken));
      writeTexts(EDGE_TEXTS, edges == null ? null : texts(edges));
      writeNumbers(edges);
      return row.getRow();
    }

    private void copy(InternalRow stored, int from, int to) {
      boolean isNumber = to == START_MS || to == END_MS;
      if (stored.isNullAt(from)) {
        row.setNull8Bytes(to);
      } else if (isNumber) {
        row.write(to, stored.getLong(from));
      } else {
        row.write(to, stored.getUTF8String(from));
      }
    }

    private static List<String> texts(List<BrokenInvariant> broken) {
      List<String> texts = new ArrayList<>();
      for (BrokenInvariant one : broken) {
        texts.add(one.name());
        texts.add(one.detail());
      }
      return texts;
    }

    private static List<String> texts(Edges edges) {
      List<String> texts = new ArrayList<>();
      texts.add(edges.split());
      texts.add(edges.end().endedBy());
      texts.addAll(edges.start().values());
      texts.addAll(edges.end().values());
      return texts;
    }

    private void writeTexts(int column, List<String> texts) {
      if (texts == null) {
        row.setNull8Bytes(column);
        return;
      }
      int start = row.cursor();
      array.initialize(texts.size());
      for (int i = 0; i < texts.size(); i++) {
        if (texts.get(i) == null) {
          array.setNull8Bytes(i);
        } else {
          array.write(i, UTF8String.fromString(texts.get(i)));
        }
      }
      row.setOffsetAndSizeFromPreviousCursor(column, start);
    }

    private void writeNumbers(Edges edges) {
      if (edges == null) {
        row.setNull8Bytes(EDGE_NUMBERS);
        return;
      }
      int start = row.cursor();
      array.initialize(5);
      array.write(0, edges.splitMs());
      array.write(1, edges.start().starts() ? 1L : 0L);
      array.write(2, edges.start().day());
      array.write(3, edges.start().events());
      array.write(4, edges.end().events());
      row.setOffsetAndSizeFromPreviousCursor(EDGE_NUMBERS, start);
    }
  }
}

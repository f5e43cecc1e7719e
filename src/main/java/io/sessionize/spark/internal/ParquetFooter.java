package io.sessionize.spark.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.TException;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.protocol.TCompactProtocol;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.protocol.TList;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.transport.TMemoryBuffer;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The footer of a Parquet file, as bytes. Knows of each row group its rows and the least and
 * greatest value of one column, and nothing else: a file of 500 MB with small row groups has tens
 * of thousands of column chunks, and Parquet's own reader makes objects of all of them each time
 * that a part of the file is read.
 */
final class ParquetFooter {
  /** Bytes after the footer: its length and the magic number. */
  private static final int TAIL = 8;

  private static final int BUFFER = 64 << 10;

  /** Thrift's type of an element. */
  private static final byte STRUCT = 12;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final long start;
  private final byte[] bytes;
  private final List<RowGroup> rowGroups = new ArrayList<>();
  private int listStart;
  private int listEnd;
  private int column = -1;

  /**
   * A row group, or its first rows.
   *
   * @param start of the group's data in the file
   * @param firstRow its position in the file
   * @param least value of the column, or a lower bound; null if unknown
   * @param greatest value of the column, or an upper bound; null if unknown
   * @param entry where the footer describes it
   */
  record RowGroup(
      long start, long firstRow, long rows, UTF8String least, UTF8String greatest, Entry entry) {

    /**
     * The number of rows up to the last one at these positions; 0 if the group has none of them.
     *
     * @param positions in ascending order
     */
    long rowsUpToLastOf(long[] positions) {
      int found = Arrays.binarySearch(positions, firstRow + rows - 1);
      int last = found >= 0 ? found : -found - 2;
      return last < 0 ? 0 : Math.max(0, positions[last] - firstRow + 1);
    }

    RowGroup first(long count) {
      return new RowGroup(start, firstRow, count, least, greatest, entry);
    }
  }

  /**
   * Indexes in the footer.
   *
   * @param from of the entry of a row group
   * @param rowsFrom of its number of rows, a variable number of bytes
   */
  record Entry(int from, int rowsFrom, int rowsTo, int to) {}

  private ParquetFooter(long start, byte[] bytes) {
    this.start = start;
    this.bytes = bytes;
  }

  /**
   * Reads the footer of a file, or returns nothing if it is encrypted or not understood.
   *
   * @param columnId Iceberg's id of a text column, whose bounds the row groups have. A file without
   *     ids has no bounds: which column it is follows from the table's name mapping
   */
  static Optional<ParquetFooter> of(InputFile file, int columnId) {
    try (SeekableInputStream in = file.newStream()) {
      byte[] tail = new byte[TAIL];
      long end = file.getLength() - TAIL;
      in.seek(Math.max(0, end));
      IOUtil.readFully(in, tail, 0, TAIL);
      int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (!Arrays.equals(tail, TAIL - MAGIC.length, TAIL, MAGIC, 0, MAGIC.length)
          || length < 0
          || length > end) {
        return Optional.empty();
      }
      byte[] bytes = new byte[length];
      in.seek(end - length);
      IOUtil.readFully(in, bytes, 0, length);
      ParquetFooter footer = new ParquetFooter(end - length, bytes);
      return footer.parse(columnId) ? Optional.of(footer) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<RowGroup> rowGroups() {
    return rowGroups;
  }

  long rows() {
    return rowGroups.stream().mapToLong(RowGroup::rows).sum();
  }

  /**
   * The file with a footer that lists these row groups alone, with their rows. So its rows have
   * other positions.
   */
  InputFile file(InputFile whole, List<RowGroup> chosen) {
    try {
      TMemoryBuffer footer = new TMemoryBuffer(BUFFER);
      TCompactProtocol out = new TCompactProtocol(footer);
      footer.write(bytes, 0, listStart);
      out.writeListBegin(new TList(STRUCT, chosen.size()));
      for (RowGroup group : chosen) {
        Entry entry = group.entry;
        footer.write(bytes, entry.from, entry.rowsFrom - entry.from);
        out.writeI64(group.rows);
        footer.write(bytes, entry.rowsTo, entry.to - entry.rowsTo);
      }
      footer.write(bytes, listEnd, bytes.length - listEnd);
      return new FileWithTail(
          whole,
          start,
          ByteBuffer.allocate(footer.length() + TAIL)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(footer.getArray(), 0, footer.length())
              .putInt(footer.length())
              .put(MAGIC)
              .array());
    } catch (TException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads the struct FileMetaData of https://github.com/apache/parquet-format. */
  private boolean parse(int columnId) {
    ThriftReader in = new ThriftReader(bytes);
    boolean[] encrypted = new boolean[1];
    try {
      in.struct(
          field -> {
            switch (field) {
              case 2 -> column = columnIndex(in, columnId);
              case 4 -> readRowGroups(in);
              case 8 -> encrypted[0] = true;
              default -> {}
            }
          });
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // Iceberg's reader says what is wrong with the file.
      return false;
    }
    return listEnd > 0
        && in.at() == bytes.length
        && !encrypted[0]
        && rowGroups.stream().allMatch(group -> group.start < start);
  }

  /**
   * The number of a column of the first level among all leaves; -1 if the file has no such column.
   */
  private static int columnIndex(ThriftReader in, int columnId) {
    int found = -1;
    int leaves = 0;
    int below = 0;
    int size = in.list();
    for (int i = 0; i < size; i++) {
      Element element = new Element(in);
      boolean isLeaf = element.children == 0;
      if (isLeaf && below == 0 && element.id == columnId) {
        found = leaves;
      }
      leaves += isLeaf ? 1 : 0;
      // The first element is the root.
      below = i == 0 ? 0 : Math.max(0, below - 1) + element.children;
    }
    return found;
  }

  private static final class Element {
    private int id = -1;
    private int children;

    Element(ThriftReader in) {
      in.struct(
          field -> {
            switch (field) {
              case 5 -> children = (int) in.integer();
              case 9 -> id = (int) in.integer();
              default -> {}
            }
          });
    }
  }

  private void readRowGroups(ThriftReader in) {
    listStart = in.at();
    int size = in.list();
    long firstRow = 0;
    for (int i = 0; i < size; i++) {
      RowGroup group = new Group().read(in, firstRow);
      rowGroups.add(group);
      firstRow += group.rows;
    }
    listEnd = in.at();
  }

  /** A row group while it is read. */
  private final class Group {
    private long start = Long.MAX_VALUE;
    private long rows;
    private int rowsFrom;
    private int rowsTo;
    private UTF8String least;
    private UTF8String greatest;

    RowGroup read(ThriftReader in, long firstRow) {
      int from = in.at();
      in.struct(
          field -> {
            switch (field) {
              case 1 -> readColumns(in);
              case 3 -> {
                rowsFrom = in.at();
                rows = in.integer();
                rowsTo = in.at();
              }
              default -> {}
            }
          });
      return new RowGroup(
          start, firstRow, rows, least, greatest, new Entry(from, rowsFrom, rowsTo, in.at()));
    }

    private void readColumns(ThriftReader in) {
      int size = in.list();
      for (int i = 0; i < size; i++) {
        int index = i;
        in.struct(
            field -> {
              if (field == 3 && (index == 0 || index == column)) {
                readChunk(in, index == 0, index == column);
              }
            });
      }
    }

    private void readChunk(ThriftReader in, boolean isFirst, boolean isColumn) {
      in.struct(
          field -> {
            // The offsets of the data pages and of the dictionary.
            if (isFirst && (field == 9 || field == 11)) {
              long offset = in.integer();
              start = offset > 0 ? Math.min(start, offset) : start;
            } else if (isColumn && field == 12) {
              readStatistics(in);
            }
          });
    }

    private void readStatistics(ThriftReader in) {
      in.struct(
          field -> {
            switch (field) {
              case 5 -> greatest = UTF8String.fromBytes(in.binary());
              case 6 -> least = UTF8String.fromBytes(in.binary());
              default -> {}
            }
          });
    }
  }
}

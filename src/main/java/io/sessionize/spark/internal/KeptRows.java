package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.unsafe.Platform;

/**
 * Rows that are computed once and read several times, in memory and on disk.
 *
 * <p>They are kept in Spark's internal format. {@link Dataset#persist()} would convert each row to
 * columns and back for each reader. It also clones the session, with a catalog connection that
 * nobody closes: one more for each batch of continuous mode.
 *
 * <p>Rows are kept as bytes, in pieces of at most 256 kB. A piece holds many small rows: Spark
 * estimates the size of what it keeps by samples, which costs more than the copies if each row is
 * an object of its own. A large row, such as the session of a large user, goes over many pieces:
 * Spark decides only every sixteen objects whether they still fit in memory.
 */
public final class KeptRows implements AutoCloseable {
  private static final int PIECE = 1 << 18;

  /** Bytes of a row's size, before the row. */
  private static final int SIZE = Long.BYTES;

  private final JavaRDD<byte[]> pieces;
  private final JavaRDD<InternalRow> rows;
  private final SparkSession spark;
  private final StructType columns;
  private Dataset<Row> shown;

  /** Keeps the rows when they are first read. */
  public KeptRows(SparkSession spark, InternalRows rows, StructType columns) {
    int fields = columns.length();
    this.pieces = rows.rdd().mapPartitions(Packed::new).persist(StorageLevel.MEMORY_AND_DISK());
    this.rows = pieces.mapPartitions(some -> new Unpacked(some, fields));
    this.spark = spark;
    this.columns = columns;
  }

  public Dataset<Row> rows() {
    if (shown == null) {
      shown = spark.internalCreateDataFrame(rows.rdd(), columns, false);
    }
    return shown;
  }

  JavaRDD<InternalRow> rdd() {
    return rows;
  }

  /** The rows, without a conversion. */
  public InternalRows internal() {
    return new InternalRows(rows);
  }

  @Override
  public void close() {
    pieces.unpersist(false);
  }

  /** Packs rows into pieces. A row that is longer than a piece begins one, and ends one. */
  private static final class Packed implements Iterator<byte[]> {
    private final Iterator<InternalRow> rows;
    private byte[] piece;

    /** Not in a piece yet, or not to its end; null if there is none. */
    private UnsafeRow row;

    /** Bytes of the row that are in pieces. */
    private int done;

    Packed(Iterator<InternalRow> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return row != null || rows.hasNext();
    }

    @Override
    public byte[] next() {
      if (piece == null) {
        piece = new byte[PIECE];
      }
      int used = 0;
      while (done == 0 && fits(used)) {
        Platform.putLong(piece, Platform.BYTE_ARRAY_OFFSET + used, row.getSizeInBytes());
        used += SIZE;
        used += copy(used);
      }
      if (used == 0) {
        used = copy(0);
      }
      return Arrays.copyOf(piece, used);
    }

    /** Whether there is a row that can begin here. */
    private boolean fits(int used) {
      if (!hasNext()) {
        return false;
      }
      if (row == null) {
        row = (UnsafeRow) rows.next();
      }
      return used == 0 || row.getSizeInBytes() <= PIECE - SIZE - used;
    }

    /** Copies as much of the row as there is space for. Returns the number of bytes. */
    private int copy(int used) {
      int size = row.getSizeInBytes();
      int length = Math.min(size - done, PIECE - used);
      Platform.copyMemory(
          row.getBaseObject(),
          row.getBaseOffset() + done,
          piece,
          Platform.BYTE_ARRAY_OFFSET + used,
          length);
      done += length;
      if (done == size) {
        row = null;
        done = 0;
      }
      return length;
    }
  }

  /** Reads the rows of pieces. */
  private static final class Unpacked implements Iterator<InternalRow> {
    private final Iterator<byte[]> pieces;
    private final int fields;
    private byte[] piece = {};
    private int next;

    Unpacked(Iterator<byte[]> pieces, int fields) {
      this.pieces = pieces;
      this.fields = fields;
    }

    @Override
    public boolean hasNext() {
      return next < piece.length || pieces.hasNext();
    }

    @Override
    public InternalRow next() {
      if (next == piece.length) {
        piece = pieces.next();
        next = 0;
      }
      int size = (int) Platform.getLong(piece, Platform.BYTE_ARRAY_OFFSET + next);
      next += SIZE;
      UnsafeRow row = new UnsafeRow(fields);
      if (size > piece.length - next) {
        row.pointTo(large(size), size);
        next = piece.length;
      } else {
        row.pointTo(piece, Platform.BYTE_ARRAY_OFFSET + next, size);
        next += size;
      }
      return row;
    }

    /** The bytes of a row that begins in this piece and ends in another one. */
    private byte[] large(int size) {
      byte[] first = piece;
      try {
        byte[] row = new byte[size];
        int done = first.length - SIZE;
        System.arraycopy(first, SIZE, row, 0, done);
        while (done < size) {
          byte[] more = pieces.next();
          System.arraycopy(more, 0, row, done, more.length);
          done += more.length;
        }
        return row;
      } catch (OutOfMemoryError e) {
        UnsafeRow begin = new UnsafeRow(fields);
        begin.pointTo(first, Platform.BYTE_ARRAY_OFFSET + SIZE, first.length - SIZE);
        LargestRow row = new LargestRow();
        if (holdsUser(begin)) {
          row.met(begin, size);
        }
        row.throwIfLarge(e);
        throw e;
      }
    }

    /** Whether the user is in this part of a row: texts are behind the columns of a fixed size. */
    private static boolean holdsUser(UnsafeRow part) {
      long place = part.getLong(SessionRows.UUID);
      return (place >>> 32) + (int) place <= part.getSizeInBytes();
    }
  }
}

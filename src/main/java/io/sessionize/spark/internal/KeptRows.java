package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
 * <p>A row is kept as bytes, in pieces of at most a megabyte: Spark decides only every sixteen
 * elements whether they still fit in memory, and its serializer holds a hundred. The session of a
 * large user is a row of many megabytes.
 */
public final class KeptRows implements AutoCloseable {
  /** A piece of this size is followed by another one of the same row. */
  private static final int PIECE = 1 << 20;

  private final JavaRDD<byte[]> pieces;
  private final JavaRDD<InternalRow> rows;
  private final SparkSession spark;
  private final StructType columns;
  private Dataset<Row> shown;

  /** Keeps the rows when they are first read. */
  public KeptRows(SparkSession spark, InternalRows rows, StructType columns) {
    int fields = columns.length();
    this.pieces = rows.rdd().mapPartitions(Pieces::new).persist(StorageLevel.MEMORY_AND_DISK());
    this.rows = pieces.mapPartitions(some -> new Whole(some, fields));
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

  /** Cuts rows into pieces. */
  private static final class Pieces implements Iterator<byte[]> {
    private final Iterator<InternalRow> rows;
    private UnsafeRow row;
    private int next;

    Pieces(Iterator<InternalRow> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return row != null || rows.hasNext();
    }

    @Override
    public byte[] next() {
      if (row == null) {
        row = (UnsafeRow) rows.next();
        next = 0;
      }
      byte[] piece = new byte[Math.min(PIECE, row.getSizeInBytes() - next)];
      Platform.copyMemory(
          row.getBaseObject(),
          row.getBaseOffset() + next,
          piece,
          Platform.BYTE_ARRAY_OFFSET,
          piece.length);
      next += piece.length;
      if (piece.length < PIECE) {
        row = null;
      }
      return piece;
    }
  }

  /** Joins the pieces of each row. */
  private static final class Whole implements Iterator<InternalRow> {
    private final Iterator<byte[]> pieces;
    private final int fields;

    Whole(Iterator<byte[]> pieces, int fields) {
      this.pieces = pieces;
      this.fields = fields;
    }

    @Override
    public boolean hasNext() {
      return pieces.hasNext();
    }

    @Override
    public InternalRow next() {
      byte[] first = pieces.next();
      byte[] bytes = first.length < PIECE ? first : large(first);
      UnsafeRow row = new UnsafeRow(fields);
      row.pointTo(bytes, bytes.length);
      return row;
    }

    private byte[] large(byte[] first) {
      List<byte[]> all = new ArrayList<>(List.of(first));
      try {
        return joined(all);
      } catch (OutOfMemoryError e) {
        UnsafeRow begin = new UnsafeRow(fields);
        begin.pointTo(first, first.length);
        LargestRow row = new LargestRow();
        if (holdsUser(begin)) {
          row.met(begin, (long) all.size() * PIECE);
        }
        row.throwIfLarge(e);
        throw e;
      }
    }

    /** Whether the user is in this piece of a row: texts are behind the columns of a fixed size. */
    private static boolean holdsUser(UnsafeRow piece) {
      long place = piece.getLong(SessionRows.UUID);
      return (place >>> 32) + (int) place <= piece.getSizeInBytes();
    }

    private byte[] joined(List<byte[]> all) {
      int size = PIECE;
      byte[] piece;
      do {
        piece = pieces.next();
        all.add(piece);
        size += piece.length;
      } while (piece.length == PIECE);
      byte[] bytes = new byte[size];
      int next = 0;
      for (byte[] one : all) {
        System.arraycopy(one, 0, bytes, next, one.length);
        next += one.length;
      }
      return bytes;
    }
  }
}

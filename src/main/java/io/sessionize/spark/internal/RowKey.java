package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.Micros;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The user and the times of a stored row, and where it is stored.
 *
 * @param uuid the user; a key that {@link StagedRows} returns has user and start only if it is
 *     published
 * @param published whether it is in the sessions table
 * @param file number of its data file in its {@link StoredRows}
 * @param position of the row in the file
 */
public record RowKey(
    String uuid, long startMs, long endMs, boolean published, int file, long position)
    implements Serializable {

  /**
   * Reads a row with these columns and its position. A row that an external statement wrote may
   * have no user and no times.
   *
   * @param columns {@link KnownRows#KEY} or {@link KnownRows#STAGED_KEY}
   */
  static RowKey of(InternalRow row, StructType columns, int file) {
    return new RowKey(
        row.isNullAt(KnownRows.KEY_UUID) ? null : row.getString(KnownRows.KEY_UUID),
        row.isNullAt(KnownRows.KEY_START) ? 0 : startMs(row, columns),
        row.isNullAt(KnownRows.KEY_END_MS) ? 0 : row.getLong(KnownRows.KEY_END_MS),
        columns.length() == KnownRows.KEY_PUBLISHED || isPublished(row),
        file,
        row.getLong(columns.length()));
  }

  /** Returns the user, and fails for a key that has none, as of an open session of staging. */
  public String requireUuid() {
    if (uuid == null) {
      throw new IllegalStateException("The key of a session that is not published has no user.");
    }
    return uuid;
  }

  private static long startMs(InternalRow row, StructType columns) {
    long start = row.getLong(KnownRows.KEY_START);
    boolean isTimestamp = columns.apply(KnownRows.KEY_START).dataType() == DataTypes.TimestampType;
    return isTimestamp ? Micros.toMs(start) : start;
  }

  /** Whether a row of staging is published. An older version wrote staging without this column. */
  static boolean isPublished(InternalRow row) {
    return row.isNullAt(KnownRows.KEY_PUBLISHED) || row.getBoolean(KnownRows.KEY_PUBLISHED);
  }

  /** Whether a row has the columns by which it can be found. */
  static boolean isIn(InternalRow row) {
    return !row.isNullAt(KnownRows.KEY_UUID)
        && !row.isNullAt(KnownRows.KEY_START)
        && !row.isNullAt(KnownRows.KEY_END_MS);
  }
}

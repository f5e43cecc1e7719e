package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import org.apache.spark.sql.types.StructType;

/**
 * Columns of a stored row that a batch restates: those of a session, and where the row is stored.
 * {@code file} is null for a row of staging.
 */
public final class KnownRows {
  public static final int POSITION = SessionRows.SESSION.length();
  public static final int FILE = POSITION + 1;

  /** Position of the first session column. */
  public static final int COLUMNS = POSITION + 2;

  /** The columns if events carry no property. */
  public static final StructType KNOWN = of(SessionRows.SESSION);

  /**
   * The columns by which rows are found. Small: the other columns hold nine tenths of the bytes.
   */
  public static final StructType KEY =
      new StructType()
          .add("uuid", StringType)
          .add("session_start", TimestampType)
          .add("session_end_time_ms", LongType);

  /** The columns by which rows of staging affect their users. */
  public static final StructType STAGED_KEY =
      new StructType()
          .add("uuid", StringType)
          .add("session_start_time_ms", LongType)
          .add("session_end_time_ms", LongType)
          .add("published", BooleanType);

  public static final int KEY_UUID = 0;
  public static final int KEY_START = 1;
  public static final int KEY_END_MS = 2;
  public static final int KEY_PUBLISHED = 3;

  private KnownRows() {}

  static StructType of(StructType session) {
    return session.add("position", LongType).add("file", IntegerType);
  }
}

package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of an outcome: those of staging, and the change of the row in the sessions table. {@code
 * stored_start} is the start of the row that the sessions table has now, {@code stored_at} where it
 * is stored. {@code failed_columns} counts the session columns whose expression has failed. If a
 * row is removed, or is damaged and stays unchanged, only its key columns are set.
 */
public final class OutcomeRows {
  public static final int PUBLISHED = SessionRows.SESSION.length();
  public static final int CHANGE = PUBLISHED + 1;
  public static final int STORED_START = PUBLISHED + 2;
  public static final int STORED_AT = PUBLISHED + 3;
  public static final int IS_OPEN = PUBLISHED + 4;
  public static final int WAS_STAGED = PUBLISHED + 5;
  public static final int NEW_EVENTS = PUBLISHED + 6;
  public static final int DAMAGED = PUBLISHED + 7;
  public static final int REPLACED_EVENTS = PUBLISHED + 8;
  public static final int CONFLICTING_COPIES = PUBLISHED + 9;
  public static final int FAILED_COLUMNS = PUBLISHED + 10;

  /** Position of the first session column. */
  public static final int COLUMNS = PUBLISHED + 11;

  /** Where a row is stored: an element of {@code stored_at}. */
  public static final StructType STORED =
      new StructType().add("file", IntegerType).add("position", LongType);

  /** The columns if events carry no property. */
  public static final StructType OUTCOME = of(SessionRows.OPEN);

  private OutcomeRows() {}

  static StructType of(StructType open) {
    return open.add("change", StringType)
        .add("stored_start", TimestampType)
        .add("stored_at", DataTypes.createArrayType(STORED))
        .add("is_open", BooleanType)
        .add("was_staged", BooleanType)
        .add("new_events", IntegerType)
        .add("damaged", BooleanType)
        .add("replaced_events", IntegerType)
        .add("conflicting_copies", IntegerType)
        .add("failed_columns", IntegerType);
  }

  /** Selects the open sessions, as rows of staging, without damaged rows. */
  public static Dataset<Row> open(Dataset<Row> outcomes, RowSchemas schemas) {
    return outcomes.where("is_open AND NOT damaged").select(SessionRows.columns(schemas.open()));
  }

  /** Selects the outcomes that change a row of the sessions table, with all columns. */
  public static Dataset<Row> changes(Dataset<Row> outcomes) {
    return outcomes.where("change <> 'NONE'");
  }
}

package io.sessionize.row;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of what a batch computes: a session, and beside it what becomes of its row. {@code
 * stored_start} is the start of the row that changes, as the sessions table has it now. A row that
 * is removed, or a damaged one that stays as it is, has its key alone.
 */
public final class OutcomeRows {
  public static final int CHANGE = SessionRows.SESSION.length();
  public static final int STORED_START = CHANGE + 1;
  public static final int IS_OPEN = CHANGE + 2;
  public static final int PUBLISHED = CHANGE + 3;
  public static final int CARRIED = CHANGE + 4;
  public static final int ADDED = CHANGE + 5;
  public static final int DAMAGED = CHANGE + 6;

  public static final StructType OUTCOME =
      SessionRows.SESSION
          .add("change", StringType)
          .add("stored_start", TimestampType)
          .add("is_open", BooleanType)
          .add("published", BooleanType)
          .add("carried", BooleanType)
          .add("added", IntegerType)
          .add("damaged", BooleanType);

  private OutcomeRows() {}

  /** The open sessions among these outcomes, as rows of staging, without damaged ones. */
  public static Dataset<Row> open(Dataset<Row> outcomes) {
    return outcomes
        .where("is_open AND NOT damaged")
        .select(SessionRows.columns(functions.col("published")));
  }

  /** The rows that the sessions table lacks or has otherwise, with all columns. */
  public static Dataset<Row> changes(Dataset<Row> outcomes) {
    return outcomes.where("change <> 'NONE'");
  }
}

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
 * Columns of an outcome: a session, and the change of its row. {@code stored_start} is the start of
 * the row that the sessions table has now. If a row is removed, or is damaged and stays unchanged,
 * only its key columns are set.
 */
public final class OutcomeRows {
  public static final int CHANGE = SessionRows.SESSION.length();
  public static final int STORED_START = CHANGE + 1;
  public static final int IS_OPEN = CHANGE + 2;
  public static final int PUBLISHED = CHANGE + 3;
  public static final int WAS_STAGED = CHANGE + 4;
  public static final int NEW_EVENTS = CHANGE + 5;
  public static final int DAMAGED = CHANGE + 6;

  public static final StructType OUTCOME =
      SessionRows.SESSION
          .add("change", StringType)
          .add("stored_start", TimestampType)
          .add("is_open", BooleanType)
          .add("published", BooleanType)
          .add("was_staged", BooleanType)
          .add("new_events", IntegerType)
          .add("damaged", BooleanType);

  private OutcomeRows() {}

  /** Selects the open sessions, as rows of staging, without damaged rows. */
  public static Dataset<Row> open(Dataset<Row> outcomes) {
    return outcomes
        .where("is_open AND NOT damaged")
        .select(SessionRows.columns(functions.col("published")));
  }

  /** Selects the outcomes that change a row of the sessions table, with all columns. */
  public static Dataset<Row> changes(Dataset<Row> outcomes) {
    return outcomes.where("change <> 'NONE'");
  }
}

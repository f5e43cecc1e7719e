package io.sessionize.table;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Selects session rows by their key, {@code uuid} and {@code session_id}, nulls included. */
public final class RowKeys {
  private RowKeys() {}

  /** Returns the rows whose keys are not among these. Lazy. */
  public static Dataset<Row> without(Dataset<Row> rows, Dataset<Row> keys) {
    return joined(rows, keys, "left_anti");
  }

  /** Returns the rows whose keys are among these. Lazy. */
  public static Dataset<Row> only(Dataset<Row> rows, Dataset<Row> keys) {
    return joined(rows, keys, "left_semi");
  }

  private static Dataset<Row> joined(Dataset<Row> rows, Dataset<Row> keys, String how) {
    Dataset<Row> renamed =
        keys.select(keys.col("uuid").as("key_uuid"), keys.col("session_id").as("key_session_id"));
    // A row that an external commit wrote may lack its key, and must still be found.
    return rows.join(
        renamed,
        rows.col("uuid")
            .eqNullSafe(renamed.col("key_uuid"))
            .and(rows.col("session_id").eqNullSafe(renamed.col("key_session_id"))),
        how);
  }
}

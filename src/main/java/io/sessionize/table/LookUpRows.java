package io.sessionize.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.session.AffectedUser;
import io.sessionize.session.LookUp;
import java.sql.Timestamp;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The conditions of {@link AffectedUser} on rows of the sessions table, as Spark filters. {@code
 * LookUpRowsTest} compares both on random rows.
 */
final class LookUpRows {
  private LookUpRows() {}

  /**
   * Selects the rows of affected users that a batch loads.
   *
   * @param affected columns {@code uuid} and {@code from_ms}, one row for each user
   * @param earliestMs the least {@code from_ms}; a literal, so that Iceberg skips the files of
   *     earlier days
   */
  static Dataset<Row> loaded(
      Dataset<Row> rows, Dataset<Row> affected, long earliestMs, LookUp lookUp) {
    return startingFrom(lookUp, earliestMs, rows)
        .join(affected, "uuid")
        .where(col("session_end_time_ms").geq(col("from_ms").minus(lookUp.timeoutMs())));
  }

  /** Selects the rows that affect their users by themselves: those of the last hours. */
  static Dataset<Row> affecting(Dataset<Row> rows, AffectedUser affected) {
    long leastEndMs = affected.leastEndOfRowMs();
    return startingFrom(affected.lookUp(), leastEndMs, rows)
        .where(col("session_end_time_ms").geq(leastEndMs));
  }

  private static Dataset<Row> startingFrom(LookUp lookUp, long fromMs, Dataset<Row> rows) {
    return fromMs <= LookUp.FROM_THE_BEGINNING
        ? rows
        : rows.where(col("session_start").geq(lit(new Timestamp(lookUp.leastStartMs(fromMs)))));
  }
}

package io.sessionize.audit.proof;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Compares rows of sessions by their key, {@code uuid} and {@code session_id}: every column, events
 * included, and the number of rows.
 */
public final class RowDifferences {
  private RowDifferences() {}

  /**
   * The differences: columns {@code session_id} and {@code what}.
   *
   * @param where name of the found rows, for the description
   */
  static Dataset<Row> between(Dataset<Row> expected, Dataset<Row> found, String where) {
    Column due = col("due");
    Column there = col("there");
    return tagged(expected, lit("due"))
        .union(tagged(found, lit("there")))
        .groupBy("uuid", "session_id")
        .agg(rows(lit("due")).as("due"), rows(lit("there")).as("there"))
        .where(not(due.eqNullSafe(there)))
        .select(
            id(),
            concat(
                    lit(where + ": "),
                    when(size(there).equalTo(0), "missing")
                        .when(size(due).equalTo(0), "unexpected row")
                        .otherwise(differing(due, there, expected.columns())))
                .as("what"));
  }

  /** The rows by key, each as one structure, with a tag. */
  static Dataset<Row> tagged(Dataset<Row> rows, Column tag) {
    Column[] columns = Arrays.stream(rows.columns()).map(functions::col).toArray(Column[]::new);
    return rows.select(col("uuid"), col("session_id"), struct(columns).as("row"), tag.as("tag"));
  }

  /** The rows of a key with this tag, in a deterministic order. */
  static Column rows(Column tag) {
    return sort_array(collect_list(when(col("tag").equalTo(tag), col("row"))));
  }

  /** Describes in which columns the first rows of two lists differ. */
  static Column differing(Column expected, Column found, String... columns) {
    Column[] names =
        Arrays.stream(columns)
            .map(
                name ->
                    when(
                        not(
                            expected
                                .getItem(0)
                                .getField(name)
                                .eqNullSafe(found.getItem(0).getField(name))),
                        name))
            .toArray(Column[]::new);
    return when(
            size(expected).notEqual(size(found)),
            concat(lit("found "), size(found).cast("string"), lit(" times")))
        .otherwise(concat(lit("differs in "), concat_ws(", ", names)));
  }

  static Column id() {
    return coalesce(col("session_id"), lit("null")).as("session_id");
  }
}

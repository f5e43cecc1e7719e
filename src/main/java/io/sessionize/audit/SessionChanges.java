package io.sessionize.audit;

import static io.sessionize.history.ChangedRows.IS_AFTER;
import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.arrays_zip;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_from_entries;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import io.sessionize.table.Sql;
import java.util.Arrays;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Compares sessions of two snapshots. The result has the columns {@code step, session_id, uuid,
 * before, after}: whole rows of the sessions table, null if the session did not or does not exist.
 */
final class SessionChanges {
  static final String ADDED = "added";
  static final String REMOVED = "removed";
  static final String CHANGED = "changed";

  private static final int MOST_IDS = 100;
  private static final Set<String> KEY = Set.of("session_id", "uuid");
  private static final String VIEW = "sessionize_audit_changes";

  private SessionChanges() {}

  /**
   * The sessions that differ.
   *
   * @param rows of {@link io.sessionize.history.ChangedRows}
   */
  static Dataset<Row> of(Dataset<Row> rows) {
    Column row =
        struct(
            Arrays.stream(rows.columns())
                .filter(name -> !name.equals(STEP) && !name.equals(IS_AFTER))
                .map(rows::col)
                .toArray(Column[]::new));
    Column key = col(STEP);
    // An external commit can write an id twice: then the rows are compared in their sort order.
    return rows.groupBy(key, col("session_id"), col("uuid"))
        .agg(
            array_sort(collect_list(when(not(col(IS_AFTER)), row))).as("before"),
            array_sort(collect_list(when(col(IS_AFTER), row))).as("after"))
        .withColumn("pair", explode(arrays_zip(col("before"), col("after"))))
        .select(
            key,
            col("session_id"),
            col("uuid"),
            col("pair.before").as("before"),
            col("pair.after").as("after"))
        .where(not(col("before").eqNullSafe(col("after"))));
  }

  /** {@code added}, {@code removed} or {@code changed}. */
  static Column kind() {
    return when(col("before").isNull(), ADDED)
        .when(col("after").isNull(), REMOVED)
        .otherwise(CHANGED);
  }

  /** A column of the session after the change; for a removed session, before it. */
  static Column last(String name) {
    return coalesce(col("after." + name), col("before." + name));
  }

  /** The columns of a changed session that differ: name to {@code old} and {@code new}, as text. */
  static Column columns(Dataset<Row> changes) {
    StructType row = (StructType) changes.schema().apply("before").dataType();
    Column[] entries =
        Arrays.stream(row.fields())
            .filter(field -> !KEY.contains(field.name()))
            .map(SessionChanges::entry)
            .toArray(Column[]::new);
    Column differing = filter(array(entries), Column::isNotNull);
    return when(
        col("before").isNotNull().and(col("after").isNotNull()), map_from_entries(differing));
  }

  private static Column entry(StructField field) {
    Column before = col("before." + field.name());
    Column after = col("after." + field.name());
    Column values =
        field.name().equals("events")
            ? struct(ids(before, after).as("old"), ids(after, before).as("new"))
            : struct(
                text(before, field.dataType()).as("old"), text(after, field.dataType()).as("new"));
    return when(
        not(before.eqNullSafe(after)), struct(lit(field.name()).as("key"), values.as("value")));
  }

  /**
   * The ids of the events that only one side has; an altered event is on both sides. At most
   * {@value #MOST_IDS}, and then how many more there are. Events are compared as text: {@code
   * array_except} compares every pair of structs, and a session may hold a million.
   */
  private static Column ids(Column here, Column there) {
    Column only = array_except(transform(here, e -> to_json(e)), transform(there, e -> to_json(e)));
    Column ids = transform(slice(only, 1, MOST_IDS), event -> get_json_object(event, "$.event_id"));
    Column more = format_string("and %d more", size(only).minus(MOST_IDS));
    return to_json(when(size(only).gt(MOST_IDS), concat(ids, array(more))).otherwise(ids));
  }

  private static Column text(Column value, DataType type) {
    return type instanceof ArrayType || type instanceof StructType
        ? to_json(value)
        : value.cast("string");
  }

  /**
   * Adds the column {@code paired}: the ids of sessions that share events, see {@link Diff#rows}.
   */
  static Dataset<Row> withPairs(Dataset<Row> changes) {
    changes.createOrReplaceTempView(VIEW);
    Dataset<Row> pairs =
        changes.sparkSession().sql(Sql.named("diff/pairs").with("changes", VIEW).text());
    changes.sparkSession().catalog().dropTempView(VIEW);
    return changes
        .withColumn("is_gone", col("after").isNull())
        .join(pairs, new String[] {STEP, "uuid", "session_id", "is_gone"}, "left");
  }
}

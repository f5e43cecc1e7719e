package io.sessionize.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.row.SessionRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of the live view at the snapshots of one base. So all numbers of a report agree while
 * runs commit, and it works in catalogs without views.
 *
 * @param closed the sessions table, with all its columns
 * @param open the rows of the staging table that are not published, with all its columns
 */
record LiveRows(Dataset<Row> closed, Dataset<Row> open) {
  private static final String EVENTS = "events";

  /** An open session has none: its next event may still come. */
  private static final Set<String> NOT_OPEN = Set.of("close_reason", "boundary_rule");

  static LiveRows of(SparkSession spark, TableNames names, Base base) {
    return of(
        at(spark, names.sessions(), base.sessionsSnapshot()),
        at(spark, names.open(), base.openSnapshot()));
  }

  /** Takes all rows of the two tables. */
  static LiveRows of(Dataset<Row> sessions, Dataset<Row> staging) {
    Dataset<Row> open = staging.where("published IS NOT TRUE");
    if (events(sessions).sameType(events(open))) {
      return new LiveRows(sessions, open);
    }
    // One snapshot is older than a property of the events. The report shows no property.
    return new LiveRows(withoutProperties(sessions), withoutProperties(open));
  }

  /** Returns the columns that are not the job's own: those of the sessions table first. */
  List<StructField> sessionColumns() {
    List<StructField> columns = new ArrayList<>();
    for (StructType stored : List.of(closed.schema(), open.schema())) {
      for (StructField field : stored.fields()) {
        if (!has(SessionRows.OPEN, field.name())
            && columns.stream().noneMatch(known -> known.name().equals(field.name()))) {
          columns.add(field);
        }
      }
    }
    return columns;
  }

  /**
   * Returns the columns of a session, {@code is_open} and the session columns of the choice. Lazy.
   * A column that one of the tables does not have is null in its rows.
   */
  Dataset<Row> rows(ColumnChoice choice) {
    return closed
        .select(columns(closed.schema(), choice, false))
        .union(open.select(columns(open.schema(), choice, true)));
  }

  private static Column[] columns(StructType stored, ColumnChoice choice, boolean isOpen) {
    List<Column> columns = new ArrayList<>();
    for (StructField own : SessionRows.SESSION.fields()) {
      boolean isKnown = has(stored, own.name()) && !(isOpen && NOT_OPEN.contains(own.name()));
      columns.add(isKnown ? col(own.name()) : lit(null).cast(own.dataType()).as(own.name()));
    }
    columns.add(lit(isOpen).as("is_open"));
    columns.addAll(choice.columns(stored));
    return columns.toArray(Column[]::new);
  }

  static boolean has(StructType schema, String name) {
    return schema.getFieldIndex(name).isDefined();
  }

  private static Dataset<Row> at(SparkSession spark, String table, long snapshot) {
    return spark.read().option("snapshot-id", snapshot).table(table);
  }

  private static DataType events(Dataset<Row> stored) {
    return stored.schema().apply(EVENTS).dataType();
  }

  /** Copies the events of each row that is read. */
  private static Dataset<Row> withoutProperties(Dataset<Row> stored) {
    return stored.to(
        new StructType(
            Arrays.stream(stored.schema().fields())
                .map(
                    field ->
                        field.name().equals(EVENTS) ? SessionRows.SESSION.apply(EVENTS) : field)
                .toArray(StructField[]::new)));
  }
}

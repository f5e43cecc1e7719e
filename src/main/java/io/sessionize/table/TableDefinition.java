package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.spark.internal.CreateTableParser;
import io.sessionize.summary.TableNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.expressions.Transform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a table of ours is: what its statement in {@code sql/schema} makes of a new one. A table
 * that stands already is held against that, and gets the columns that it lacks.
 */
final class TableDefinition {
  private static final Logger LOG = LoggerFactory.getLogger(TableDefinition.class);
  private static final String VERSION = "sessionize.schema-version";
  private static final String FIRST_VERSION = "1";
  private static final int ATTEMPTS = 5;

  /**
   * The columns by which rows are found, cut and merged. A table without one of them is none of
   * ours: no null could stand in for it.
   */
  private static final Set<String> ESSENTIAL =
      Set.of(
          "uuid",
          "session_id",
          "session_start_time_ms",
          "session_end_time_ms",
          "session_start",
          "events",
          "events.element.event_id",
          "events.element.event_time_ms",
          "events.element.page_name",
          "topic",
          "partition",
          "offset",
          "record_time",
          "value");

  private final String name;
  private final String statement;
  private final Schema schema;
  private final PartitionSpec partitioning;
  private final int version;

  /**
   * A column that a table lacks.
   *
   * @param parent the structure that it belongs in; null for the table itself
   * @param before the column that it comes after; null for the first
   */
  private record Missing(String parent, NestedField field, String before) {
    String name() {
      return parent == null ? field.name() : parent + "." + field.name();
    }
  }

  /**
   * @param name of the table, qualified
   * @param statement that makes it
   */
  TableDefinition(SparkSession spark, String name, Sql statement) {
    this.name = name;
    this.statement = statement.text();
    CreateTableParser.Parsed parsed = CreateTableParser.parse(spark, this.statement);
    this.schema = SparkSchemaUtil.convert(parsed.columns());
    this.partitioning =
        Spark3Util.toPartitionSpec(schema, parsed.partitioning().toArray(Transform[]::new));
    this.version = Integer.parseInt(parsed.properties().get(VERSION));
  }

  /** Its qualified name. */
  String name() {
    return name;
  }

  /** The statement that makes it where it is missing. */
  String statement() {
    return statement;
  }

  /**
   * Checks that the table is one of ours, of this version or an older one.
   *
   * @throws Failure of usage, where a newer version of the job made it, or where a column that a
   *     person added must not be null; broken, where it is none of ours
   */
  void requireOurs(Table table) {
    missing(table);
  }

  /**
   * Checks that the table lacks nothing either.
   *
   * @throws Failure as {@link #requireOurs}; of usage, where it lacks a column
   */
  void requireComplete(Table table) {
    List<Missing> missing = missing(table);
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "%s was made by an older version and lacks %s: the next run adds what is missing.",
          TableNames.plain(name), names(missing));
    }
  }

  /** Adds the columns that the table lacks: null in the rows that it has. */
  void upgrade(Table table) {
    for (int attempt = 1; ; attempt++) {
      table.refresh();
      List<Missing> missing = missing(table);
      if (missing.isEmpty() && version(table) == version) {
        return;
      }
      Transaction transaction = table.newTransaction();
      UpdateSchema update = transaction.updateSchema();
      missing.forEach(column -> add(column, update));
      update.commit();
      transaction.updateProperties().set(VERSION, Integer.toString(version)).commit();
      try {
        transaction.commitTransaction();
        LOG.info("Added {} to {}", names(missing), TableNames.plain(name));
        return;
      } catch (CommitFailedException e) {
        // Another driver may be adding the same columns.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static void add(Missing column, UpdateSchema update) {
    NestedField field = column.field();
    if (column.parent() == null) {
      update.addColumn(field.name(), field.type(), field.doc());
    } else {
      update.addColumn(column.parent(), field.name(), field.type(), field.doc());
    }
    // Where structures are compared by position, as UNION does, both tables' must be alike.
    if (column.before() == null) {
      update.moveFirst(column.name());
    } else {
      update.moveAfter(column.name(), column.before());
    }
  }

  private List<Missing> missing(Table table) {
    int found = version(table);
    if (found > version) {
      throw Failure.usage(
          "%s has schema version %d, made by a newer version of the job; this one knows %d: upgrade the job.",
          TableNames.plain(name), found, version);
    }
    StructType columns = table.schema().asStruct();
    List<Missing> missing = new ArrayList<>();
    compare(null, schema.asStruct(), columns, missing);
    for (NestedField column : columns.fields()) {
      boolean theirs = schema.caseInsensitiveFindField(column.name()) == null;
      if (theirs && column.isRequired()) {
        throw Failure.usage(
            "Column %s of %s is none of ours and must not be null, but the job cannot fill it: allow nulls in it"
                + " (ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL).",
            column.name(), TableNames.plain(name));
      }
    }
    for (PartitionField field : partitioning.fields()) {
      requirePruning(table, schema.findColumnName(field.sourceId()), field);
    }
    return missing;
  }

  private void compare(String parent, StructType ours, StructType theirs, List<Missing> missing) {
    String before = null;
    for (NestedField field : ours.fields()) {
      Missing column = new Missing(parent, field, before);
      before = column.name();
      NestedField found = theirs.caseInsensitiveField(field.name());
      if (found != null) {
        compare(column.name(), field, found, missing);
      } else if (ESSENTIAL.contains(column.name())) {
        throw foreign("it has no column " + column.name());
      } else {
        missing.add(column);
      }
    }
  }

  private void compare(String column, NestedField ours, NestedField theirs, List<Missing> missing) {
    if (!theirs.name().equals(ours.name())) {
      throw foreign("its column " + column + " is called " + theirs.name());
    }
    if (theirs.isRequired()) {
      throw foreign("its column " + column + " must not be null");
    }
    compare(column, ours.type(), theirs.type(), missing);
  }

  private void compare(String column, Type ours, Type theirs, List<Missing> missing) {
    if (ours.isStructType() && theirs.isStructType()) {
      requireOrder(column, ours.asStructType(), theirs.asStructType());
      compare(column, ours.asStructType(), theirs.asStructType(), missing);
    } else if (ours.isListType() && theirs.isListType()) {
      ListType list = theirs.asListType();
      compare(column + ".element", ours.asListType().elementType(), list.elementType(), missing);
    } else if (!ours.equals(theirs)) {
      throw foreign("its column " + column + " is " + theirs + ", not " + ours);
    }
  }

  /** Structures are rewritten as a whole, so there is no room in them for a person's fields. */
  private void requireOrder(String column, StructType ours, StructType theirs) {
    List<String> known = names(ours);
    List<String> found = names(theirs);
    List<String> expected = known.stream().filter(found::contains).toList();
    if (!found.equals(expected)) {
      throw foreign(
          "its column " + column + " holds " + found + ", not " + known + " in this order");
    }
  }

  /** What has to be found by time must be found without reading all days. */
  private void requirePruning(Table table, String column, PartitionField ours) {
    boolean prunes =
        table.spec().fields().stream()
            .anyMatch(
                field ->
                    column.equalsIgnoreCase(table.schema().findColumnName(field.sourceId()))
                        && field.transform().preservesOrder());
    if (!prunes) {
      throw foreign("it is not partitioned by " + ours.transform() + " of " + column);
    }
  }

  private int version(Table table) {
    String text = table.properties().getOrDefault(VERSION, FIRST_VERSION);
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw foreign("its property " + VERSION + " is " + text);
    }
  }

  private Failure foreign(String difference) {
    return Failure.broken(
        "%s was made by something else, or altered: %s. Restore it, or give another --iceberg-table.",
        TableNames.plain(name), difference);
  }

  private static List<String> names(StructType struct) {
    return struct.fields().stream().map(NestedField::name).toList();
  }

  private static String names(List<Missing> missing) {
    return String.join(", ", missing.stream().map(Missing::name).toList());
  }
}

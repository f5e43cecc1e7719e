package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.column.SessionColumn;
import io.sessionize.row.RowSchemas;
import io.sessionize.spark.internal.CreateTableParser;
import io.sessionize.summary.TableNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.StructField;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Defines a table of the job by its statement in {@code sql/schema}, and by the properties of the
 * definitions and session columns that it has taken in. An existing table is compared with this and
 * gets the columns that it lacks.
 */
final class TableDefinition {
  private static final Logger LOG = LoggerFactory.getLogger(TableDefinition.class);

  private static final String EVENTS = "events";

  /** Types of properties and session columns that can become wider ones. */
  private static final Set<Type.TypeID> WIDENED =
      Set.of(Type.TypeID.DECIMAL, Type.TypeID.INTEGER, Type.TypeID.FLOAT);

  /** The property with the version of the schema. Every table of the job has it. */
  static final String VERSION = "sessionize.schema-version";

  /**
   * The version of a table that has taken in session columns: a job that does not know them would
   * take them for user-added ones. It is the newest version that this job supports.
   */
  private static final int WITH_SESSION_COLUMNS = 2;

  /**
   * The columns by which rows are found, cut and merged. A table without one of them is not a table
   * of this job, because null cannot replace its values.
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
          "rejected_at",
          "value");

  private final String name;
  private final String statement;
  private final Schema schema;
  private final org.apache.spark.sql.types.StructType columns;
  private final PartitionSpec partitioning;
  private final int version;

  /**
   * A column that a table lacks, or has with a narrower type.
   *
   * @param parent the structure that it belongs to; null for the table itself
   * @param previous the column before it; null for the first
   */
  private record Missing(String parent, NestedField field, String previous, boolean isNarrower) {
    String name() {
      return parent == null ? field.name() : parent + "." + field.name();
    }
  }

  /**
   * @param name qualified name of the table
   * @param statement that creates it
   */
  TableDefinition(SparkSession spark, String name, Sql statement) {
    this.name = name;
    this.statement = statement.text();
    CreateTableParser.Parsed parsed = CreateTableParser.parse(spark, this.statement);
    this.columns = parsed.columns();
    this.schema = SparkSchemaUtil.convert(columns);
    this.partitioning =
        Spark3Util.toPartitionSpec(schema, parsed.partitioning().toArray(Transform[]::new));
    this.version = Integer.parseInt(parsed.properties().get(VERSION));
  }

  /** Returns the qualified name of the table. */
  String name() {
    return name;
  }

  /** Returns the statement that creates the table if it is missing. */
  String statement() {
    return statement;
  }

  /**
   * Checks that this job can use the table: it has this schema version or an older one.
   *
   * @throws Failure of usage, if a newer version of the job made it, or if a user-added column must
   *     not be null; broken, if it is not a table of this job
   */
  void requireCompatible(Table table) {
    missing(table, Recorded.in(table));
  }

  /**
   * Checks that the table is compatible and has all columns.
   *
   * @param recorded by both tables. Another driver may have taken in more since these were read.
   * @throws Failure as {@link #requireCompatible}; of usage, if it lacks a column
   */
  void requireComplete(Table table, Recorded recorded) {
    List<Missing> missing = missing(table, recorded.orNewer(table));
    if (!missing.isEmpty()) {
      throw Failure.usage(
          "%s was made by an older version and lacks %s: the next run adds the missing columns.",
          TableNames.plain(name), names(missing));
    }
  }

  /**
   * Checks that the session columns to take in have names that no column of the table has.
   *
   * @param after what the table is to record
   * @throws Failure of usage, if one has
   */
  void requireFree(Table table, Recorded after) {
    Set<String> own = new HashSet<>();
    Recorded.in(table).columns().all().forEach(column -> own.add(column.name()));
    for (SessionColumn column : after.columns().all()) {
      NestedField found = table.schema().caseInsensitiveFindField(column.name());
      if (found != null && !own.contains(column.name())) {
        throw Failure.usage(
            "Session column %s has the name of column %s of %s: rename that one (ALTER TABLE ... RENAME COLUMN), or give the"
                + " session column another name if it is new in --definition.",
            column.name(), found.name(), TableNames.plain(name));
      }
    }
  }

  /**
   * Adds the columns that the table lacks, and records its definitions and session columns. The
   * columns are null in its existing rows.
   *
   * @param recorded returns what to record, from what is recorded
   * @throws Failure as {@link #requireFree}
   */
  void upgrade(Table table, UnaryOperator<Recorded> recorded) {
    // Another driver may be adding the same columns, or another definition.
    CommitRetry.run(
        table,
        current -> {
          requireFree(current, recorded.apply(Recorded.in(current)));
          addMissing(current, recorded);
        });
  }

  /** As {@link #upgrade}, for a table that may have the session columns without their record. */
  void restore(Table table, UnaryOperator<Recorded> recorded) {
    CommitRetry.run(table, current -> addMissing(current, recorded));
  }

  private void addMissing(Table table, UnaryOperator<Recorded> recorded) {
    Recorded after = recorded.apply(Recorded.in(table));
    if (missing(table, after).isEmpty()
        && after.missing(table).isEmpty()
        && version(table) >= version(after)) {
      return;
    }
    Transaction transaction = table.newTransaction();
    addMissing(transaction, recorded.apply(Recorded.in(transaction.table())));
    transaction.commitTransaction();
  }

  private void addMissing(Transaction transaction, Recorded recorded) {
    List<Missing> missing = missing(transaction.table(), recorded);
    Map<String, String> unrecorded = recorded.missing(transaction.table());
    // Committed even without a column: if another writer commits first, Iceberg would set the
    // properties again, but fails for the schema.
    UpdateSchema update = transaction.updateSchema();
    missing.forEach(column -> add(column, update));
    update.commit();
    UpdateProperties properties = transaction.updateProperties();
    int due = Math.max(version(recorded), version(transaction.table()));
    properties.set(VERSION, Integer.toString(due));
    unrecorded.forEach(properties::set);
    properties.commit();
    LOG.info(
        "Adding {} to {}",
        missing.isEmpty() ? "a definition or session columns" : names(missing),
        TableNames.plain(name));
  }

  private static void add(Missing column, UpdateSchema update) {
    NestedField field = column.field();
    if (column.isNarrower()) {
      update.updateColumn(column.name(), field.type().asPrimitiveType());
      return;
    }
    if (column.parent() == null) {
      update.addColumn(field.name(), field.type(), field.doc());
    } else {
      update.addColumn(column.parent(), field.name(), field.type(), field.doc());
    }
    // UNION compares structures by position, so both tables need the same order.
    if (column.previous() == null) {
      update.moveFirst(column.name());
    } else {
      update.moveAfter(column.name(), column.previous());
    }
  }

  private List<Missing> missing(Table table, Recorded recorded) {
    int found = version(table);
    if (found > WITH_SESSION_COLUMNS) {
      throw Failure.usage(
          "%s has schema version %d of a newer version of the job; this version supports %d: upgrade the job.",
          TableNames.plain(name), found, WITH_SESSION_COLUMNS);
    }
    StructType actual = table.schema().asStruct();
    List<Missing> missing = new ArrayList<>();
    compare(null, expected(recorded), actual, missing);
    for (NestedField column : actual.fields()) {
      boolean userAdded = schema.caseInsensitiveFindField(column.name()) == null;
      if (userAdded && column.isRequired()) {
        throw Failure.usage(
            "The user-added column %s of %s must not be null, but the job cannot fill it: allow nulls in it"
                + " (ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL).",
            column.name(), TableNames.plain(name));
      }
    }
    for (PartitionField field : partitioning.fields()) {
      requirePruning(table, schema.findColumnName(field.sourceId()), field);
    }
    return missing;
  }

  /** The columns of the table with the properties of its events and its session columns. */
  private StructType expected(Recorded recorded) {
    RowSchemas schemas =
        RowSchemas.of(recorded.definitions().properties(), recorded.columns().all());
    if (schemas.properties().isEmpty() && schemas.columns().isEmpty()) {
      return schema.asStruct();
    }
    StructField[] fields =
        Stream.concat(Arrays.stream(columns.fields()), Arrays.stream(schemas.columns().fields()))
            .map(
                field ->
                    field.name().equals(EVENTS)
                        ? new StructField(
                            EVENTS,
                            schemas.session().apply(EVENTS).dataType(),
                            true,
                            field.metadata())
                        : field)
            .toArray(StructField[]::new);
    return SparkSchemaUtil.convert(new org.apache.spark.sql.types.StructType(fields)).asStruct();
  }

  private void compare(
      String parent, StructType expected, StructType actual, List<Missing> missing) {
    String previous = null;
    for (NestedField field : expected.fields()) {
      Missing column = new Missing(parent, field, previous, false);
      previous = column.name();
      NestedField found = actual.caseInsensitiveField(field.name());
      if (found != null) {
        if (isNarrower(found.type(), field.type())) {
          missing.add(new Missing(parent, field, previous, true));
        } else {
          compare(column.name(), field, found, missing);
        }
      } else if (ESSENTIAL.contains(column.name())) {
        throw incompatible("it has no column " + column.name());
      } else {
        missing.add(column);
      }
    }
  }

  private static boolean isNarrower(Type actual, Type expected) {
    return !actual.equals(expected)
        && WIDENED.contains(actual.typeId())
        && expected.isPrimitiveType()
        && TypeUtil.isPromotionAllowed(actual, expected.asPrimitiveType());
  }

  private void compare(
      String column, NestedField expected, NestedField actual, List<Missing> missing) {
    if (!actual.name().equals(expected.name())) {
      throw incompatible("its column " + column + " is called " + actual.name());
    }
    if (actual.isRequired()) {
      throw incompatible("its column " + column + " must not be null");
    }
    compare(column, expected.type(), actual.type(), missing);
  }

  private void compare(String column, Type expected, Type actual, List<Missing> missing) {
    if (expected.isStructType() && actual.isStructType()) {
      requireOrder(column, expected.asStructType(), actual.asStructType());
      compare(column, expected.asStructType(), actual.asStructType(), missing);
    } else if (expected.isListType() && actual.isListType()) {
      ListType list = actual.asListType();
      compare(
          column + ".element", expected.asListType().elementType(), list.elementType(), missing);
    } else if (!expected.equals(actual)) {
      throw incompatible("its column " + column + " is " + actual + ", not " + expected);
    }
  }

  /**
   * Checks that a structure has only known fields, in their order. Runs rewrite structures as a
   * whole, so there is no room for user-added fields.
   */
  private void requireOrder(String column, StructType expected, StructType actual) {
    List<String> known = names(expected);
    List<String> found = names(actual);
    List<String> knownFound = known.stream().filter(found::contains).toList();
    if (!found.equals(knownFound)) {
      throw incompatible(
          "its column " + column + " holds " + found + ", not " + known + " in this order");
    }
  }

  /**
   * Checks that the table is partitioned so that rows of a time are found without reading all days.
   */
  private void requirePruning(Table table, String column, PartitionField expected) {
    boolean prunes =
        table.spec().fields().stream()
            .anyMatch(
                field ->
                    column.equalsIgnoreCase(table.schema().findColumnName(field.sourceId()))
                        && field.transform().preservesOrder());
    if (!prunes) {
      throw incompatible("it is not partitioned by " + expected.transform() + " of " + column);
    }
  }

  /** The version of a table that records this. */
  private int version(Recorded recorded) {
    return recorded.columns().taken().isEmpty() ? version : WITH_SESSION_COLUMNS;
  }

  private int version(Table table) {
    String text = table.properties().getOrDefault(VERSION, "missing");
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw incompatible("its property " + VERSION + " is " + text);
    }
  }

  private Failure incompatible(String difference) {
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

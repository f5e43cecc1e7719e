package io.sessionize.spark.internal;

import io.sessionize.Failure;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.SessionColumn;
import io.sessionize.column.SessionColumns.WebSet;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Property;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session columns in use, parsed: tasks evaluate them on sessions. */
public final class SessionExpressions implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(SessionExpressions.class);

  /** Columns that were parsed before: each batch of a run uses the same. */
  private static final Map<Key, SessionExpressions> PARSED = new ConcurrentHashMap<>();

  private final RowSchemas schemas;
  private final List<SqlExpression> own;
  private final List<Integer> positions;
  private final WebSet web;

  /** Null if nobody counts. */
  private final ColumnFailures failures;

  private record Key(RecordedColumns columns, List<Property> properties) {}

  private SessionExpressions(
      RowSchemas schemas,
      List<SqlExpression> own,
      List<Integer> positions,
      WebSet web,
      ColumnFailures failures) {
    this.schemas = schemas;
    this.own = own;
    this.positions = positions;
    this.web = web;
    this.failures = failures;
  }

  /**
   * Parses the columns in use.
   *
   * @param properties that events of the tables have
   * @throws io.sessionize.Failure of usage, if this version does not allow one of them
   */
  public static SessionExpressions of(
      SparkSession spark, RecordedColumns columns, List<Property> properties) {
    return columns.inUse().all().isEmpty()
        ? none(RowSchemas.of(properties))
        : PARSED.computeIfAbsent(
            new Key(columns, properties), key -> parse(spark, columns, properties));
  }

  /** No session columns. */
  public static SessionExpressions none(RowSchemas schemas) {
    return new SessionExpressions(schemas, List.of(), List.of(), null, null);
  }

  private static SessionExpressions parse(
      SparkSession spark, RecordedColumns columns, List<Property> properties) {
    if (columns.inUse().web() != null) {
      requireKnown(columns.inUse().web());
    }
    List<SessionColumn> used = columns.used();
    RowSchemas schemas = RowSchemas.of(properties, used);
    Set<String> names = used.stream().map(SessionColumn::name).collect(Collectors.toSet());
    Set<String> ofSet =
        columns.inUse().web() == null
            ? Set.of()
            : columns.inUse().web().columns().stream()
                .map(SessionColumn::name)
                .collect(Collectors.toSet());
    List<SqlExpression> own = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      SessionColumn column = used.get(i);
      if (!ofSet.contains(column.name())) {
        own.add(parse(spark, column, schemas, names));
        positions.add(i);
      }
    }
    return new SessionExpressions(schemas, own, positions, columns.inUse().web(), null);
  }

  private static void requireKnown(WebSet web) {
    try {
      WebColumns.columns(web.settings(), List.of());
    } catch (IllegalArgumentException e) {
      throw Failure.usage(
          "The tables have version %d of the set web, which this version of the job does not know: upgrade the job.",
          web.settings().version());
    }
  }

  /** The column of the tables may be wider than the expression. */
  private static SqlExpression parse(
      SparkSession spark, SessionColumn column, RowSchemas schemas, Set<String> names) {
    SqlExpression parsed = ColumnSql.parse(spark, column.name(), column.sql(), schemas, names);
    DataType type = schemas.columns().apply(column.name()).dataType();
    return parsed.type().catalogString().equals(type.catalogString())
        ? parsed
        : ColumnSql.parse(
            spark,
            column.name(),
            String.format("CAST((%s\n) AS %s)", column.sql(), column.type()),
            schemas,
            names);
  }

  /** The same columns for the tasks of one Spark job, whose failures are counted together. */
  public SessionExpressions counted(SparkSession spark) {
    if (schemas.columns().isEmpty()) {
      return this;
    }
    ColumnFailures counts = new ColumnFailures(schemas.columns().length());
    spark.sparkContext().register(counts);
    return new SessionExpressions(schemas, own, positions, web, counts);
  }

  /** Logs how many values of each column have failed in the rows that were written. */
  public void warnOfFailed() {
    SortedMap<String, Long> failed = failed();
    if (!failed.isEmpty()) {
      LOG.warn("Session columns failed on sessions, and are null there: {}", failed);
    }
  }

  /** How many values of each column have failed; only the columns that have. */
  SortedMap<String, Long> failed() {
    SortedMap<String, Long> failed = new TreeMap<>();
    for (int i = 0; failures != null && i < schemas.columns().length(); i++) {
      failed.put(schemas.columns().apply(i).name(), failures.value().get(i));
    }
    failed.values().removeIf(count -> count == 0);
    return failed;
  }

  /** The columns of all rows. */
  public RowSchemas schemas() {
    return schemas;
  }

  /** The columns, for one task; null if there are none. */
  ColumnValues compile() {
    return schemas.columns().isEmpty()
        ? null
        : new ColumnValues(schemas, own, positions, web, failures);
  }
}

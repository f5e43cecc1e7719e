package io.sessionize.spark.internal;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.SessionColumn;
import io.sessionize.column.SessionColumns;
import io.sessionize.column.SessionColumns.WebSet;
import io.sessionize.column.WebSettings;
import io.sessionize.column.web.WebColumns;
import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Parses the SQL of session columns: expressions on the columns of a session. */
public final class ColumnSql {
  private static final Set<DataType> SIMPLE =
      Set.of(
          DataTypes.StringType,
          DataTypes.BooleanType,
          DataTypes.IntegerType,
          DataTypes.LongType,
          DataTypes.FloatType,
          DataTypes.DoubleType,
          DataTypes.DateType,
          DataTypes.TimestampType,
          DataTypes.TimestampNTZType,
          DataTypes.BinaryType);

  /** A structure with these fields is an event with all its properties. */
  private static final List<String> WHOLE_EVENT = List.of(EventRows.EVENT.fieldNames());

  private static final Pattern FIELD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Columns that were typed before: an intake asks several times. */
  private static final Map<Key, SessionColumns> TYPED = new ConcurrentHashMap<>();

  private record Key(GivenColumns columns, List<Property> properties) {}

  private ColumnSql() {}

  /**
   * Returns given columns with the types of their expressions.
   *
   * @param properties that events of the tables have
   * @throws Failure of usage, naming the column, if an expression is wrong or is not allowed
   */
  public static SessionColumns typed(
      SparkSession spark, GivenColumns given, List<Property> properties) {
    return TYPED.computeIfAbsent(
        new Key(given, List.copyOf(properties)), key -> typedNow(spark, given, properties));
  }

  private static SessionColumns typedNow(
      SparkSession spark, GivenColumns given, List<Property> properties) {
    WebSet web = given.web() == null ? null : web(given.web(), properties);
    Set<String> others = new HashSet<>(given.columns().keySet());
    if (web != null) {
      web.columns().forEach(column -> others.add(column.name()));
    }
    RowSchemas schemas = RowSchemas.of(properties);
    List<SessionColumn> own = new ArrayList<>();
    given
        .columns()
        .forEach(
            (name, sql) -> {
              DataType type = parse(spark, name, sql, schemas, others).type();
              own.add(new SessionColumn(name, ddl(name, sql, type), sql));
            });
    return new SessionColumns(own, web);
  }

  private static WebSet web(WebSettings settings, List<Property> properties) {
    return new WebSet(
        settings,
        properties.stream().map(Property::name).toList(),
        WebColumns.columns(settings, properties));
  }

  /**
   * Parses and checks the expression of a column.
   *
   * @param schemas with the properties that it can name
   * @param others names of all session columns, none of which it can name
   * @throws Failure of usage, if it is not an expression on the columns of a session, or is not
   *     allowed
   */
  static SqlExpression parse(
      SparkSession spark, String name, String sql, RowSchemas schemas, Set<String> others) {
    StructType session = RowSchemas.of(schemas.properties()).session();
    try {
      return SqlExpression.parse(
          spark, source(name, sql, EventNames::rewritten), session, SessionRows.columns(session));
    } catch (Failure withNames) {
      try {
        // A structure of the expression itself may have a field event_name.
        return SqlExpression.parse(
            spark,
            source(name, sql, UnaryOperator.identity()),
            session,
            SessionRows.columns(session));
      } catch (Failure asIs) {
        throw named(name, sql, others, withNames);
      }
    }
  }

  private static SqlExpression.Source source(
      String name,
      String sql,
      UnaryOperator<org.apache.spark.sql.catalyst.expressions.Expression> names) {
    return new SqlExpression.Source("session column " + name, sql, "session", names);
  }

  /** Says which name is no column of a session's own, if it is a known one. */
  private static Failure named(String name, String sql, Set<String> others, Failure failed) {
    Set<String> refused = new HashSet<>(others);
    refused.addAll(List.of("published", "is_open"));
    for (String other : refused) {
      boolean isNamed =
          failed
              .getMessage()
              .toLowerCase(Locale.ROOT)
              .contains("`" + other.toLowerCase(Locale.ROOT) + "`");
      if (isNamed) {
        return Failure.usage(
            "session column %s names %s, which is not one of the session's own columns: %s. A session column can name"
                + " these and the properties of events, and no other session column.",
            name, other, source(name, sql, UnaryOperator.identity()).inOneLine());
      }
    }
    return failed;
  }

  /** The type as DDL. */
  private static String ddl(String name, String sql, DataType type) {
    requireStorable(name, sql, type, type);
    return type.catalogString();
  }

  private static void requireStorable(String name, String sql, DataType whole, DataType part) {
    if (SIMPLE.contains(part) || part instanceof DecimalType) {
      return;
    }
    if (part instanceof ArrayType array) {
      requireStorable(name, sql, whole, array.elementType());
      return;
    }
    if (part instanceof StructType struct) {
      if (Arrays.asList(struct.fieldNames()).containsAll(WHOLE_EVENT)) {
        throw refused(
            name,
            sql,
            whole,
            "name the fields of the event, since a definition can add properties to it");
      }
      Set<String> fields = new HashSet<>();
      for (StructField field : struct.fields()) {
        if (!FIELD.matcher(field.name()).matches()
            || !fields.add(field.name().toLowerCase(Locale.ROOT))) {
          throw refused(
              name, sql, whole, "give each field of a structure a name of letters, digits and _");
        }
        requireStorable(name, sql, whole, field.dataType());
      }
      return;
    }
    throw refused(
        name,
        sql,
        whole,
        part instanceof ByteType || part instanceof ShortType
            ? "cast it to int"
            : part instanceof NullType
                ? "cast it to a type"
                : "a column cannot hold " + part.simpleString());
  }

  private static Failure refused(String name, String sql, DataType type, String instead) {
    return Failure.usage(
        "session column %s is of type %s: %s (%s).",
        name,
        type.simpleString(),
        instead,
        source(name, sql, UnaryOperator.identity()).inOneLine());
  }
}

package io.sessionize.spark.internal;

import io.sessionize.Failure;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.optimizer.ReplaceExpressions;
import org.apache.spark.sql.catalyst.plans.logical.LeafNode;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.physical.UnknownPartitioning;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;

/**
 * An expression in Spark SQL of a definition, on the columns of a row in Spark's internal format.
 * It uses {@link AllowedFunctions} only, and the settings that change the meaning of SQL are fixed,
 * so that its value depends on the row alone.
 *
 * @param columns of the rows
 */
record SqlExpression(Expression expression, Seq<Attribute> columns) implements Serializable {

  /**
   * Where an expression comes from.
   *
   * @param name for messages
   * @param text in Spark SQL
   * @param of what its value depends on: an event or a session
   * @param rewriting of names in the parsed text
   */
  record Source(String name, String text, String of, UnaryOperator<Expression> rewriting) {

    void requireAllowed(Optional<String> refused) {
      if (refused.isPresent()) {
        throw Failure.usage(
            "%s uses %s, which is not allowed: %s. Its value must depend on the %s alone.",
            name, refused.get(), inOneLine(), of);
      }
    }

    RuntimeException invalid(Throwable thrown) {
      if (thrown instanceof Failure failure) {
        return failure;
      }
      String why = String.valueOf(thrown.getMessage()).strip().lines().findFirst().orElse("");
      return Failure.usage("%s is not a valid expression: %s (%s).", name, inOneLine(), why);
    }

    String inOneLine() {
      return text.strip().replaceAll("\\s+", " ");
    }
  }

  /**
   * Parses and checks an expression.
   *
   * @param source of the expression
   * @param row the columns of the rows
   * @param columns that the expression can name, from those of the rows
   * @throws Failure of usage, if it is not an expression on these columns, or is not allowed
   */
  static SqlExpression parse(SparkSession spark, Source source, StructType row, Column... columns) {
    try {
      return checked(withFixedSettings(spark), source, row, columns);
    } catch (Exception | StackOverflowError e) {
      throw source.invalid(e);
    }
  }

  private static SqlExpression checked(
      SparkSession session, Source source, StructType row, Column... columns) throws Exception {
    Dataset<Row> rows = Dataset.ofRows(session, rows(session, row)).select(columns);
    Expression parsed =
        source
            .rewriting()
            .apply(
                SQLConf.withExistingConf(
                    session.sessionState().conf(), () -> parsed(session, source)));
    source.requireAllowed(AllowedFunctions.refusedIn(source.text(), parsed));
    Dataset<Row> values = rows.select(new Column(parsed).as("value"));
    LogicalPlan analyzed = values.queryExecution().analyzed();
    source.requireAllowed(AllowedFunctions.refusedIn(value(analyzed)));
    source.requireAllowed(AllowedFunctions.clockIn(ReplaceExpressions.apply(analyzed)));
    // Spark computes the constant parts here.
    LogicalPlan optimized = values.queryExecution().optimizedPlan();
    if (!(optimized instanceof Project project) || !(project.child() instanceof LeafNode)) {
      throw new IllegalStateException("Spark has not merged the columns: " + optimized);
    }
    return new SqlExpression(value(optimized), project.child().output());
  }

  private static Expression parsed(SparkSession session, Source source) {
    try {
      return session.sessionState().sqlParser().parseExpression(source.text());
    } catch (Exception e) {
      throw source.invalid(e);
    }
  }

  /** A session in which no setting of the user counts. */
  private static SparkSession withFixedSettings(SparkSession spark) {
    SparkSession session = spark.newSession();
    SQLConf settings = session.sessionState().conf();
    settings.clear();
    fix(settings);
    return session;
  }

  /** The settings under which expressions are parsed and evaluated. */
  static SQLConf fixedSettings() {
    SQLConf settings = new SQLConf();
    fix(settings);
    return settings;
  }

  private static void fix(SQLConf settings) {
    settings.setConfString("spark.sql.ansi.enabled", "false");
    settings.setConfString("spark.sql.caseSensitive", "false");
    settings.setConfString("spark.sql.session.timeZone", "UTC");
    settings.setConfString("spark.sql.legacy.timeParserPolicy", "CORRECTED");
    // The columns that the expression names are computed within it.
    settings.setConfString("spark.sql.optimizer.collapseProjectAlwaysInline", "true");
  }

  private static LogicalPlan rows(SparkSession session, StructType row) {
    return new LogicalRDD(
        session.createDataFrame(List.of(), row).queryExecution().analyzed().output(),
        session.sparkContext().emptyRDD(ClassTag.apply(InternalRow.class)),
        new UnknownPartitioning(0),
        JavaConverters.asScalaBuffer(List.<SortOrder>of()).toSeq(),
        false,
        session,
        Option.empty(),
        Option.empty());
  }

  private static Expression value(LogicalPlan plan) {
    return ((Alias) ((Project) plan).projectList().head()).child();
  }

  /** The type of its value. */
  DataType type() {
    return expression.dataType();
  }

  /**
   * Returns the expression for rows of the columns, for one thread. It is interpreted: it is to be
   * evaluated under {@link #fixedSettings}.
   */
  Expression bound() {
    List<Attribute> all = JavaConverters.seqAsJavaList(columns);
    return bound(expression, all);
  }

  private static Expression bound(Expression node, List<Attribute> columns) {
    if (!(node instanceof AttributeReference attribute)) {
      return node.mapChildren(child -> bound(child, columns));
    }
    int index = 0;
    while (!columns.get(index).exprId().equals(attribute.exprId())) {
      index++;
    }
    return new BoundReference(index, attribute.dataType(), true);
  }

  /**
   * Returns the expression as a compiled condition, for one thread. Null is false. It is to be
   * evaluated under {@link #fixedSettings}.
   */
  BasePredicate condition() {
    return SQLConf.withExistingConf(fixedSettings(), () -> Predicate.create(expression, columns));
  }

  /**
   * Evaluates a {@link #condition} on a row.
   *
   * @param settings those of {@link #fixedSettings}
   * @return null if it fails
   */
  static Boolean evaluated(SQLConf settings, BasePredicate condition, InternalRow row) {
    try {
      return SQLConf.withExistingConf(settings, () -> condition.eval(row));
    } catch (Throwable e) {
      // Spark's generated code throws checked exceptions too. A text can be too deep for a regular
      // expression.
      if (e instanceof Error && !(e instanceof StackOverflowError)) {
        throw (Error) e;
      }
      return null;
    }
  }
}

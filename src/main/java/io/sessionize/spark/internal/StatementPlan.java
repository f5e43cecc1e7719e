package io.sessionize.spark.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NamedParameter;
import org.apache.spark.sql.catalyst.analysis.PlanWithUnresolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.DeleteFromTable;
import org.apache.spark.sql.catalyst.plans.logical.InsertIntoStatement;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeIntoTable;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation;
import org.apache.spark.sql.catalyst.plans.logical.ShowCreateTable;
import org.apache.spark.sql.catalyst.plans.logical.UpdateTable;
import org.apache.spark.sql.execution.command.ExplainCommand;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** What Spark's parser says of a statement, before anything is run. */
public final class StatementPlan {
  /** Functions that call any static method of Java. */
  private static final Set<String> CALLS = Set.of("reflect", "java_method");

  private final Set<String> parameters = new TreeSet<>();
  private final boolean isQuery;
  private final boolean isText;
  private final Optional<Change> change;
  private boolean hasEffect;

  /** What a statement does with the rows of a table. */
  public enum Verb {
    INSERT,
    UPDATE,
    DELETE,
    MERGE
  }

  /**
   * A statement that changes the rows of one table.
   *
   * @param table the parts of its name
   */
  public record Change(Verb verb, List<String> table) {}

  /**
   * Parses a statement. Spark fills in its variables.
   *
   * @throws AnalysisException if it is not one
   */
  public StatementPlan(SparkSession spark, String statement) throws AnalysisException {
    LogicalPlan plan = parse(spark, statement);
    visit(plan);
    // Such a name may stand for a whole statement.
    boolean isUnknown = plan instanceof PlanWithUnresolvedIdentifier;
    isQuery = isAboutTables(plan) || !hasEffect && !isUnknown;
    isText = plan instanceof ExplainCommand || plan instanceof ShowCreateTable;
    change = change(plan);
  }

  /**
   * Returns whether it is a query: it reads, or shows, describes or explains, and has no other
   * effect.
   */
  public boolean isQuery() {
    return isQuery;
  }

  /** Returns whether its result is a text of several lines: a plan, or a statement. */
  public boolean isText() {
    return isText;
  }

  /** Returns the names of its parameters. */
  public Set<String> parameters() {
    return parameters;
  }

  /** Returns what it changes; empty if it does not change the rows of one table. */
  public Optional<Change> change() {
    return change;
  }

  /** The parser takes the values of variables from the active session. */
  private static LogicalPlan parse(SparkSession spark, String statement) throws AnalysisException {
    Option<SparkSession> active = SparkSession.getActiveSession();
    SparkSession.setActiveSession(spark);
    try {
      return spark.sessionState().sqlParser().parsePlan(statement);
    } finally {
      if (active.isDefined()) {
        SparkSession.setActiveSession(active.get());
      } else {
        SparkSession.clearActiveSession();
      }
    }
  }

  /** Spark has a class for each of these commands. None of them changes anything. */
  private static boolean isAboutTables(LogicalPlan plan) {
    String name = plan.getClass().getSimpleName();
    return plan instanceof Command
        && (name.startsWith("Show")
            || name.startsWith("Describe")
            || plan instanceof ExplainCommand);
  }

  private void visit(LogicalPlan plan) {
    hasEffect |=
        plan instanceof Command
            || plan instanceof ParsedStatement
            || plan instanceof ScriptTransformation;
    list(plan.expressions()).forEach(this::visit);
    List<Object> below = new ArrayList<>(list(plan.children()));
    // The queries of WITH, and those within expressions.
    below.addAll(list(plan.innerChildren()));
    below.addAll(list(plan.subqueries()));
    for (Object child : below) {
      if (child instanceof LogicalPlan inner) {
        visit(inner);
      }
    }
  }

  private void visit(Expression expression) {
    if (expression instanceof NamedParameter parameter) {
      parameters.add(parameter.name());
    }
    if (expression instanceof UnresolvedFunction function) {
      hasEffect |= CALLS.contains(function.nameParts().last().toLowerCase(Locale.ROOT));
    }
    list(expression.children()).forEach(this::visit);
  }

  private static Optional<Change> change(LogicalPlan plan) {
    if (plan instanceof InsertIntoStatement insert) {
      return table(insert.table()).map(name -> new Change(Verb.INSERT, name));
    }
    if (plan instanceof UpdateTable update) {
      return table(update.table()).map(name -> new Change(Verb.UPDATE, name));
    }
    if (plan instanceof DeleteFromTable delete) {
      return table(delete.table()).map(name -> new Change(Verb.DELETE, name));
    }
    if (plan instanceof MergeIntoTable merge) {
      return table(merge.targetTable()).map(name -> new Change(Verb.MERGE, name));
    }
    // WITH ... INSERT.
    List<LogicalPlan> children = list(plan.children());
    return children.size() == 1 ? change(children.get(0)) : Optional.empty();
  }

  /** Returns the name of a table that may have an alias. */
  private static Optional<List<String>> table(LogicalPlan plan) {
    if (plan instanceof UnresolvedRelation relation) {
      return Optional.of(list(relation.multipartIdentifier()));
    }
    List<LogicalPlan> children = list(plan.children());
    return children.size() == 1 ? table(children.get(0)) : Optional.empty();
  }

  private static <T> List<T> list(Seq<T> items) {
    return JavaConverters.seqAsJavaList(items);
  }
}

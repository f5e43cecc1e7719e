package io.sessionize.spark.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedExtractValue;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnresolvedNamedLambdaVariable;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Rewrites names in a parsed expression: {@code event_name}, {@code event_type} and {@code
 * event_value} of an event are in its column {@code event_details} in the tables.
 */
final class EventNames {
  private static final String DETAILS = "event_details";
  private static final Set<String> NAMES = Set.of("event_name", "event_type", "event_value");

  private EventNames() {}

  /** The expression with the names of the tables. */
  static Expression rewritten(Expression node) {
    Expression all = node.mapChildren(child -> rewritten(child));
    if (all instanceof UnresolvedAttribute name) {
      return new UnresolvedAttribute(parts(name.nameParts()));
    }
    if (all instanceof UnresolvedNamedLambdaVariable name) {
      return new UnresolvedNamedLambdaVariable(parts(name.nameParts()));
    }
    if (all instanceof UnresolvedExtractValue field
        && isName(field.extraction())
        && !endsWithDetails(field.child())) {
      return new UnresolvedExtractValue(
          new UnresolvedExtractValue(field.child(), Literal.create(DETAILS, DataTypes.StringType)),
          field.extraction());
    }
    return all;
  }

  private static Seq<String> parts(Seq<String> parts) {
    List<String> rewritten = new ArrayList<>();
    String before = DETAILS;
    for (String part : JavaConverters.seqAsJavaList(parts)) {
      if (isName(part) && !before.equalsIgnoreCase(DETAILS)) {
        rewritten.add(DETAILS);
      }
      rewritten.add(part);
      before = part;
    }
    return JavaConverters.asScalaBuffer(rewritten).toSeq();
  }

  private static boolean isName(String part) {
    return NAMES.contains(part.toLowerCase(Locale.ROOT));
  }

  private static boolean isName(Expression extraction) {
    return extraction instanceof Literal text
        && text.value() != null
        && isName(text.value().toString());
  }

  private static boolean endsWithDetails(Expression child) {
    if (child instanceof UnresolvedExtractValue field) {
      return field.extraction().toString().equalsIgnoreCase(DETAILS);
    }
    List<String> parts =
        child instanceof UnresolvedAttribute name
            ? JavaConverters.seqAsJavaList(name.nameParts())
            : child instanceof UnresolvedNamedLambdaVariable variable
                ? JavaConverters.seqAsJavaList(variable.nameParts())
                : List.of();
    return !parts.isEmpty() && parts.get(parts.size() - 1).equalsIgnoreCase(DETAILS);
  }
}

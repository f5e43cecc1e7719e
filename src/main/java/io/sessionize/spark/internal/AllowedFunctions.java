package io.sessionize.spark.internal;

import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.DOTALL;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Ceil;
import org.apache.spark.sql.catalyst.expressions.Contains;
import org.apache.spark.sql.catalyst.expressions.EndsWith;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Floor;
import org.apache.spark.sql.catalyst.expressions.GetArrayItem;
import org.apache.spark.sql.catalyst.expressions.GetArrayStructFields;
import org.apache.spark.sql.catalyst.expressions.GetMapValue;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.InSet;
import org.apache.spark.sql.catalyst.expressions.InheritAnalysisRules;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.LikeAll;
import org.apache.spark.sql.catalyst.expressions.LikeAny;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.NotLikeAll;
import org.apache.spark.sql.catalyst.expressions.NotLikeAny;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.catalyst.expressions.RegExpCount;
import org.apache.spark.sql.catalyst.expressions.RegExpExtract;
import org.apache.spark.sql.catalyst.expressions.RegExpExtractAll;
import org.apache.spark.sql.catalyst.expressions.RegExpInStr;
import org.apache.spark.sql.catalyst.expressions.RegExpReplace;
import org.apache.spark.sql.catalyst.expressions.RegExpSubStr;
import org.apache.spark.sql.catalyst.expressions.RoundBase;
import org.apache.spark.sql.catalyst.expressions.RoundCeil;
import org.apache.spark.sql.catalyst.expressions.RoundFloor;
import org.apache.spark.sql.catalyst.expressions.StartsWith;
import org.apache.spark.sql.catalyst.expressions.StringSplit;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.TimeAdd;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.apache.spark.sql.catalyst.parser.UpperCaseCharStream;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The functions of Spark SQL that an expression of a definition may use. Their result depends on
 * their arguments only: not on a clock, a random number, the user, the session or another table.
 * Spark's own flag {@code deterministic} is true for {@code now()}. None of them makes a text or an
 * array of a length that an argument gives, and none takes a pattern from an event: an event could
 * exhaust the memory or the time.
 */
final class AllowedFunctions {
  private static final Set<String> NAMES =
      Set.of(
          """
          ! != % & * + - / < <= <=> <> = == > >= ^ | || ~ and between div in isnan isnotnull isnull like ilike not or
          regexp regexp_like rlike
          coalesce equal_null greatest if ifnull least nanvl nullif nvl nvl2 when
          bigint binary boolean cast date decimal double float int smallint string timestamp tinyint try_cast
          array array_append array_compact array_contains array_distinct array_except array_intersect
          array_join array_max array_min array_position array_prepend array_remove array_size array_union
          arrays_overlap arrays_zip cardinality concat element_at flatten get named_struct reverse size slice
          sort_array struct try_element_at
          aggregate array_sort exists filter forall reduce transform zip_with
          map map_concat map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys map_values
          map_zip_with str_to_map transform_keys transform_values
          ascii base64 bit_length btrim char char_length character_length chr concat_ws contains elt
          endswith find_in_set initcap instr lcase left len length locate lower
          ltrim octet_length overlay position regexp_count regexp_extract regexp_extract_all regexp_instr
          regexp_replace regexp_substr replace right rtrim soundex split split_part startswith substr
          substring substring_index to_number translate trim try_to_number ucase unbase64 upper
          from_json get_json_object json_array_length json_object_keys to_json parse_url url_decode url_encode
          crc32 hash md5 sha sha1 sha2 xxhash64
          abs acos acosh asin asinh atan atan2 atanh bin bit_count bit_get bround cbrt ceil ceiling conv cos cosh cot csc
          degrees e exp expm1 factorial floor getbit hex hypot ln log log10 log1p log2 mod negative pi pmod positive pow
          power radians rint round sec shiftleft shiftright shiftrightunsigned sign signum sin sinh sqrt tan tanh try_add
          try_divide try_multiply try_subtract unhex width_bucket
          add_months convert_timezone date_add date_diff date_format date_from_unix_date date_sub date_trunc dateadd
          datediff day dayofmonth dayofweek dayofyear extract from_unixtime from_utc_timestamp hour last_day make_date
          make_dt_interval make_timestamp minute month months_between next_day quarter second timestamp_micros
          timestamp_millis timestamp_seconds to_date to_timestamp to_unix_timestamp to_utc_timestamp trunc unix_date
          unix_micros unix_millis unix_seconds weekday weekofyear year
          """
              .strip()
              .split("\\s+"));

  /** What operators and syntax become, and functions that Spark builds under another name. */
  private static final Set<Class<?>> SYNTAX =
      Set.of(
          Alias.class,
          AttributeReference.class,
          CaseWhen.class,
          Cast.class,
          Ceil.class,
          Contains.class,
          EndsWith.class,
          Floor.class,
          GetArrayItem.class,
          GetArrayStructFields.class,
          GetMapValue.class,
          GetStructField.class,
          InSet.class,
          LambdaFunction.class,
          LikeAll.class,
          LikeAny.class,
          Literal.class,
          NamedLambdaVariable.class,
          NotLikeAll.class,
          NotLikeAny.class,
          RoundCeil.class,
          RoundFloor.class,
          StartsWith.class,
          TimeAdd.class);

  /** Functions of a text and a regular expression: one can be made to take hours. */
  private static final Set<Class<?>> WITH_PATTERN =
      Set.of(
          RLike.class,
          RegExpCount.class,
          RegExpExtract.class,
          RegExpExtractAll.class,
          RegExpInStr.class,
          RegExpReplace.class,
          RegExpSubStr.class,
          StringSplit.class);

  private static final Set<String> CLASSES = classes();

  private static final String TODAY = "a time of today";

  /** Texts that Spark casts to a time of today, with a zone behind them or not. */
  private static final Pattern CLOCK =
      Pattern.compile(
          "[\\x00-\\x20]*(?:now|today|tomorrow|yesterday)\\b.*", CASE_INSENSITIVE | DOTALL);

  /** A literal whose text begins with a digit. */
  private static final Pattern DATED = Pattern.compile("^[rR]?['\"][\\x00-\\x20]*[+-]?[0-9]");

  private static final Set<String> TIME_LITERALS =
      Set.of("DATE", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ");

  private AllowedFunctions() {}

  private static Set<String> classes() {
    Set<String> classes = new HashSet<>();
    SYNTAX.forEach(syntax -> classes.add(syntax.getName()));
    FunctionRegistry builtIn = FunctionRegistry.builtin();
    for (String name : NAMES) {
      Option<ExpressionInfo> info = builtIn.lookupFunction(new FunctionIdentifier(name));
      if (info.isDefined()) {
        classes.add(info.get().getClassName());
      }
    }
    return classes;
  }

  /**
   * Finds what is not allowed in an expression.
   *
   * @param parsed from this text
   * @return what it is, for messages
   */
  static Optional<String> refusedIn(String text, Expression parsed) {
    for (Expression node : all(parsed)) {
      if (node instanceof UnresolvedFunction function) {
        List<String> name = JavaConverters.seqAsJavaList(function.nameParts());
        if (name.size() != 1 || !NAMES.contains(name.get(0).toLowerCase(Locale.ROOT))) {
          return Optional.of("the function " + String.join(".", name));
        }
      }
    }
    return hasClockLiteral(text) ? Optional.of(TODAY) : Optional.empty();
  }

  /**
   * Whether a literal such as {@code DATE 'today'} occurs. Spark's parser replaces it by the time
   * of the parsing. Literals of a time begin with a digit; in those that do not, escapes can hide
   * the word.
   */
  private static boolean hasClockLiteral(String text) {
    SqlBaseLexer lexer = new SqlBaseLexer(new UpperCaseCharStream(CharStreams.fromString(text)));
    lexer.removeErrorListeners();
    String before = "";
    for (Token token = lexer.nextToken(); token.getType() != Token.EOF; token = lexer.nextToken()) {
      if (token.getChannel() != Token.DEFAULT_CHANNEL) {
        continue;
      }
      boolean isText =
          token.getType() == SqlBaseLexer.STRING_LITERAL
              || token.getType() == SqlBaseLexer.DOUBLEQUOTED_STRING;
      if (isText && TIME_LITERALS.contains(before) && !DATED.matcher(token.getText()).find()) {
        return true;
      }
      before = token.getText().replace("`", "").toUpperCase(Locale.ROOT);
    }
    return false;
  }

  /**
   * Finds what is not allowed in an expression whose names are resolved.
   *
   * @return what it is, for messages
   */
  static Optional<String> refusedIn(Expression analyzed) {
    for (Expression node : all(analyzed)) {
      if (!CLASSES.contains(node.getClass().getName())) {
        return Optional.of(name(node));
      }
      if (node instanceof RoundBase && !isSmall(children(node).apply(1))) {
        return Optional.of(name(node) + " with a scale that is not a number from -38 to 38");
      }
      if (WITH_PATTERN.contains(node.getClass()) && !children(node).apply(1).foldable()) {
        return Optional.of(name(node) + " with a pattern that an event can choose");
      }
      if (!node.deterministic()) {
        return Optional.of(name(node) + ", which is not deterministic");
      }
    }
    return Optional.empty();
  }

  private static boolean isSmall(Expression scale) {
    return scale instanceof Literal literal
        && literal.value() instanceof Integer digits
        && Math.abs(digits) <= DecimalType.MAX_PRECISION();
  }

  private static String name(Expression node) {
    return node instanceof SubqueryExpression ? "a query" : "the function " + node.prettyName();
  }

  /**
   * Finds a time of today in a plan in which functions are replaced as Spark's optimizer does it.
   * It then replaces each constant text that is cast to a time.
   *
   * @return what it is, for messages
   */
  static Optional<String> clockIn(LogicalPlan plan) {
    for (Expression expression : JavaConverters.seqAsJavaList(plan.expressions())) {
      if (all(expression).stream().anyMatch(AllowedFunctions::isClock)) {
        return Optional.of(TODAY);
      }
    }
    return Optional.empty();
  }

  private static boolean isClock(Expression node) {
    if (!(node instanceof Cast cast)
        || !cast.child().foldable()
        || !(cast.child().dataType() instanceof StringType)
        || !(cast.dataType() instanceof TimestampType
            || cast.dataType() instanceof TimestampNTZType
            || cast.dataType() instanceof DateType)) {
      return false;
    }
    // A computed constant may be such a word.
    return !(cast.child() instanceof Literal literal)
        || literal.value() != null && CLOCK.matcher(literal.value().toString()).matches();
  }

  /** The expression and all parts of it, without what replaces a function. */
  private static List<Expression> all(Expression expression) {
    List<Expression> all = new ArrayList<>();
    add(expression, all);
    return all;
  }

  private static void add(Expression node, List<Expression> all) {
    all.add(node);
    JavaConverters.seqAsJavaList(children(node)).forEach(child -> add(child, all));
  }

  private static Seq<Expression> children(Expression node) {
    return node instanceof InheritAnalysisRules rules ? rules.parameters() : node.children();
  }
}

package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions of a definition: what they may use, and that nothing but the row decides. */
class SqlExpressionTest {
  private static final long TEN = 1_772_359_200_000L;
  private static final StructType ROW =
      new StructType()
          .add("page", DataTypes.StringType)
          .add("time_ms", DataTypes.LongType)
          .add("price", DataTypes.createDecimalType(10, 2))
          .add("tags", DataTypes.createArrayType(DataTypes.StringType))
          .add("details", new StructType().add("name", DataTypes.StringType));

  private final SparkSession spark = TestSpark.session();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "page = 'home'",
        "PAGE IN ('home', 'today')",
        "name LIKE 'sign%' AND NOT page IS NULL",
        "page LIKE ANY ('h%', 'x%') AND name NOT LIKE ALL ('a%', 'b%')",
        "page || '/' || name = 'home/signup'",
        "time = TIMESTAMP '2026-03-01 10:00:00'",
        "date(time) = DATE '2026-03-01' AND hour(time) = 10",
        "time + INTERVAL 1 DAY > TIMESTAMP '2026-03-02 00:00:00'",
        "date_format(time, 'EEE') = 'Sun'",
        "to_timestamp('2026-03-01', 'yyyy-MM-dd') < time",
        "price * 2 > 20 AND price BETWEEN 1 AND 1000 AND -price < 0",
        "CASE WHEN price > 5 THEN true ELSE false END",
        "exists(tags, t -> t = 'new') AND tags[0] = 'new' AND array_contains(tags, 'new')",
        "aggregate(transform(tags, t -> length(t)), 0, (sum, n) -> sum + n) = 3",
        "details.name = 'signup' AND coalesce(nullif(page, ''), 'none') <> 'none'",
        "contains(page, 'om') AND startswith(page, 'h') AND endswith(page, 'e')",
        "extract(hour FROM time) = 10 AND page <> 'the date \"today\"'",
        "to_timestamp(page, 'yyyy-MM-dd') IS NULL",
        "ceil(price) = 13 AND floor(price, 1) = 12.5 AND round(price) = 13 AND price % 2 > 0",
        "round(price, 1) = 12.5 AND round(price, -1) = 10",
        "regexp_extract(page, '(h)') = 'h' AND page RLIKE '^h' AND try_cast(page AS INT) IS NULL",
        "parse_url('https://a.example/b?c=d', 'QUERY', 'c') = 'd'",
        "CAST('2026-03-01' AS DATE) = date(time) AND CAST(page AS DATE) IS NULL",
        "true"
      })
  void expressionsOnTheRowAreAllowed(String text) throws Exception {
    assertTrue(holds(parse(text)), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "time < now()",
        "time < current_timestamp",
        "date(time) < current_date()",
        "date(time) < curdate()",
        "unix_timestamp() > 0",
        "time < TIMESTAMP 'now'",
        "date(time) < DATE ' Today '",
        "time < CAST('tomorrow' AS TIMESTAMP)",
        "time < CAST(concat('yes', 'terday') AS TIMESTAMP)",
        "date(time) < to_date('today')",
        "localtimestamp() > time",
        "time < CAST(nvl('now', '') AS TIMESTAMP)",
        "date(time) = to_date(left('todayx', 5))",
        "date(time) = date_add(nvl('today', ''), 0)",
        "date(time) = DATE /**/ 'today'",
        "time = TIMESTAMP -- x\n 'now'",
        "date(time) = DATE 'tod\\u0061y'",
        "date(time) = DATE r'today'",
        "date(time) = `date` 'today'",
        "time = CAST('\u0001now' AS TIMESTAMP)",
        "CAST(element_at(array('a'), 0) AS TIMESTAMP) < time",
        "length(repeat('x', 2000000000)) > 0",
        "encode(page, 'utf8x') IS NOT NULL",
        "length(format_string('%2000000000d', 1)) > 0",
        "format_number(price, 2000000000) = page",
        "size(array_insert(tags, 2000000000, page)) > 0",
        "round(price, 500000000) > 0",
        "round(price, length(page)) > 0",
        "ceil(price, 500000000) > 0",
        "levenshtein(page, page) = 0",
        "page RLIKE page",
        "size(split(page, page)) > 0",
        "regexp_replace(page, page, 'x') = 'x'",
        "regexp_count(page, page) = 1",
        "rand() < 0.5",
        "uuid() = page",
        "current_user() = page",
        "user() = page",
        "current_database() = page",
        "current_timezone() = page",
        "version() = page",
        "input_file_name() = page",
        "monotonically_increasing_id() = 1",
        "raise_error('no')",
        "java_method('java.lang.System', 'getenv', 'HOME') = page",
        "reflect('java.lang.System', 'currentTimeMillis') = page",
        "array_contains(shuffle(tags), page)",
        "aes_encrypt(page, page) IS NOT NULL",
        "page IN (SELECT 'home')",
        "(SELECT true)",
        "count(page) > 1",
        "row_number() OVER (ORDER BY page) = 1",
        "explode(tags) = page",
        "system.builtin.lower(page) = 'home'",
        "no_such_column = 1",
        "no_such_function(page)",
        "page = ",
        "page = 1; DROP TABLE x",
        "page ="
      })
  void anythingElseIsRefused(String text) {
    Failure refused = assertThrows(Failure.class, () -> parse(text), text);
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().contains("where of topic clicks"), refused.getMessage());
    assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
  }

  @Test
  void settingsOfTheSessionDoNotCount() throws Exception {
    SparkSession other = spark.newSession();
    other.conf().set("spark.sql.ansi.enabled", true);
    other.conf().set("spark.sql.session.timeZone", "Asia/Tokyo");
    other.conf().set("spark.sql.caseSensitive", true);
    other.conf().set("spark.sql.parser.escapedStringLiterals", true);
    SqlExpression expression =
        SqlExpression.parse(
            other, source("CAST(PAGE AS INT) IS NULL AND hour(time) = 10"), ROW, columns());
    assertTrue(holds(expression));
  }

  @Test
  void aChainThatIsTooLongForTheParserIsRefused() {
    String chain = "1" + " + 1".repeat(50_000) + " > 0";
    assertThrows(Failure.class, () -> parse(chain));
  }

  @Test
  void anExpressionThatThrowsThrowsWhenItIsEvaluated() {
    SqlExpression expression = parse("element_at(tags, 0) = 'new'");
    assertThrows(RuntimeException.class, () -> holds(expression));
  }

  private SqlExpression parse(String text) {
    return SqlExpression.parse(spark, source(text), ROW, columns());
  }

  private static SqlExpression.Source source(String text) {
    return new SqlExpression.Source(
        "where of topic clicks", text, "event", UnaryOperator.identity());
  }

  private static org.apache.spark.sql.Column[] columns() {
    return new org.apache.spark.sql.Column[] {
      functions.col("page"),
      functions.timestamp_millis(functions.col("time_ms")).as("time"),
      functions.col("price"),
      functions.col("tags"),
      functions.col("details"),
      functions.col("details.name").as("name")
    };
  }

  private boolean holds(SqlExpression expression) throws IOException, ClassNotFoundException {
    InternalRow row =
        spark
            .createDataFrame(
                List.of(
                    RowFactory.create(
                        "home",
                        TEN,
                        new java.math.BigDecimal("12.50"),
                        new String[] {"new"},
                        RowFactory.create("signup"))),
                ROW)
            .queryExecution()
            .toRdd()
            .first();
    SqlExpression there = onAnotherMachine(expression);
    return SQLConf.withExistingConf(
        SqlExpression.fixedSettings(), () -> there.condition().eval(row));
  }

  private static SqlExpression onAnotherMachine(SqlExpression expression)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(expression);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (SqlExpression) in.readObject();
    }
  }
}

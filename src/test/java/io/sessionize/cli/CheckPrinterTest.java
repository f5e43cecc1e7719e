package io.sessionize.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.cli.RowPrinter.Form;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A check prints the first rows that break an invariant, and counts all. */
class CheckPrinterTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CheckPrinter printer = printer(true);

  private CheckPrinter printer(boolean ids) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new CheckPrinter(stream, RowPrinter.Form.TABLE, TestSpark.uniqueNames(), ids);
  }

  private static Dataset<Row> violations(int count) {
    return TestSpark.session()
        .range(count)
        .selectExpr("'t' AS table_name", "id AS session_id", "'i' AS invariant", "'d' AS detail");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "100, 100", "101, 100", "5000, 100"})
  void allAreCountedAndTheFirstArePrinted(int count, int printed) throws IOException {
    assertEquals(count, printer.print(violations(count)));
    long rows = out.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("|t ")).count();
    assertEquals(printed, rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "jsonl", "csv", "x.json", "x.csv", "x.parquet"})
  void aProgramGetsAllRowsAndTheyAreComputedOnce(String to) throws IOException {
    Form form =
        Form.read(
            Arguments.parse(
                new CheckCommand(),
                to.startsWith("x")
                    ? List.of("--output", folder.resolve(to).toString())
                    : List.of("--format", to),
                name -> null));
    LongAccumulator computed = TestSpark.session().sparkContext().longAccumulator();
    Dataset<Row> rows = violations(150).coalesce(1);
    MapFunction<Row, Row> counting =
        row -> {
          computed.add(1);
          return row;
        };
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    CheckPrinter program = new CheckPrinter(stream, form, TestSpark.uniqueNames(), true);
    assertEquals(150, program.print(rows.map(counting, Encoders.row(rows.schema()))));
    assertEquals(150, computed.value());
    assertEquals(0, program.print(violations(0)));
  }

  @Test
  void withoutIdsTheRowsOfEachKindAreCounted() throws IOException {
    Dataset<Row> violations =
        violations(3)
            .withColumn("session_id", concat(lit("ann_session_"), col("session_id")))
            .withColumn("detail", lit("overlaps ann_session_7"))
            .withColumn("invariant", when(col("session_id").endsWith("2"), "b").otherwise("a"));
    CheckPrinter counting = printer(false);
    assertEquals(3, counting.print(violations));
    String text = out.toString(StandardCharsets.UTF_8).replaceAll(" +", "");
    assertFalse(text.contains("ann"), text);
    assertTrue(text.contains("|t|a|2|\n|t|b|1|\n"), text);
    Failure failure = assertThrows(Failure.class, () -> counting.all(3));
    assertTrue(failure.getMessage().contains("without --no-ids"), failure.getMessage());
    assertEquals(0, counting.print(violations(0)));
  }

  @ParameterizedTest
  @CsvSource({
    "column_differs, column_differs, recompute --user U",
    "id_twice, id_twice, Backfill",
    "column_differs, id_twice, Backfill"
  })
  void theFailureSaysWhatToDo(String one, String other, String advice) throws IOException {
    Dataset<Row> violations =
        violations(2)
            .withColumn("invariant", when(col("session_id").equalTo(0), one).otherwise(other));
    for (CheckPrinter each : List.of(printer(true), printer(false))) {
      each.print(violations);
      String message = assertThrows(Failure.class, () -> each.all(2)).getMessage();
      assertTrue(message.contains(advice), message);
      assertEquals(advice.equals("Backfill"), !message.contains("recompute"), message);
    }
  }

  @Test
  void ofRowsThatAreNotPrintedBothIsSaid() throws IOException {
    printer.print(violations(101));
    String message = assertThrows(Failure.class, () -> printer.all(101)).getMessage();
    assertTrue(message.contains("Backfill") && message.contains("column_differs"), message);
  }

  @Test
  void anyFailsTheCheck() {
    printer.all(0);
    assertEquals("all invariants hold\n", out.toString(StandardCharsets.UTF_8));
    Failure failure = assertThrows(Failure.class, () -> printer.all(3));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
  }
}

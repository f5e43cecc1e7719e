package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A check prints the first rows that break an invariant, and counts all. */
class CheckPrinterTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CheckPrinter printer =
      new CheckPrinter(new PrintStream(out, true, StandardCharsets.UTF_8), TestSpark.uniqueNames());

  private static Dataset<Row> violations(int count) {
    return TestSpark.session()
        .range(count)
        .selectExpr("'t' AS table_name", "id AS session_id", "'i' AS invariant", "'d' AS detail");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "100, 100", "101, 100", "5000, 100"})
  void allAreCountedAndTheFirstArePrinted(int count, int printed) {
    assertEquals(count, printer.print(violations(count)));
    long rows = out.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("|t ")).count();
    assertEquals(printed, rows);
  }

  @Test
  void anyFailsTheCheck() {
    printer.all(0);
    assertEquals("all invariants hold\n", out.toString(StandardCharsets.UTF_8));
    Failure failure = assertThrows(Failure.class, () -> printer.all(3));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
  }
}

package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.output.Printer;
import io.sessionize.output.Terminal;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows in each format, on a terminal and in a file, with values that attack their reader. */
class RowPrinterTest {
  private static final String PYTHON =
      "import csv, json, sys; sys.stdin.reconfigure(newline='');"
          + " print(json.dumps(list(csv.reader(sys.stdin, strict=True))))";

  private static final List<String> HOSTILE =
      List.of(
          "say \"x\", y",
          "\",\"z\nrow,2,3",
          "=cmd|' /C calc'!A0",
          "-1+1",
          "@SUM(A1)",
          "\tx",
          "x;=cmd|' /C calc'!A0",
          "x;\"@SUM(A1)",
          "x\n+1\t-1",
          "a;b=c-d",
          "a\u001b[31m\u202eb\u200e\u200f\u061c",
          "",
          "a\rb",
          "\\\"",
          "-");

  @TempDir private Path folder;

  @Test
  void aCsvIsWhatPythonReadsAndNoSpreadsheetRunsIt() throws Exception {
    List<List<String>> rows = python(printed("--format", "csv"));
    assertEquals(List.of("n", "page", "n"), rows.get(0));
    List<String> shown =
        HOSTILE.stream()
            .map(text -> text.matches("(?s)[=+@\t-].*") ? "'" + text : text)
            .map(text -> text.replaceAll("([;\n\t]\"?)([=+@-])", "$1'$2"))
            .map(
                text ->
                    text.replace("\u001b", "\\u001b")
                        .replace("\u202e", "\\u202e")
                        .replace("\u200e", "\\u200e")
                        .replace("\u200f", "\\u200f")
                        .replace("\u061c", "\\u061c")
                        .replace("\r", "\\r"))
            .toList();
    assertEquals(shown, cells(rows));
    assertEquals(List.of("-1", "", "-1"), rows.get(HOSTILE.size() + 1));
  }

  @Test
  void aRawCsvHasTheTextsAsTheyAre() throws Exception {
    assertEquals(HOSTILE, cells(python(printed("--format", "csv", "--csv-raw"))));
    assertRefused("--csv-raw needs --format csv", "--format", "jsonl", "--csv-raw");
  }

  @Test
  void nestedValuesAreJsonAndNullsAreEmpty() throws Exception {
    Dataset<Row> rows =
        TestSpark.session()
            .sql(
                "SELECT array('p', 'q') AS a, X'00ff' AS b, TIMESTAMP '2026-01-02T03:04:05.678Z' AS"
                    + " t, CAST(null AS STRING) AS `=n`");
    assertEquals(
        "a,b,t,'=n\n\"[\"\"p\"\",\"\"q\"\"]\",AP8=,2026-01-02T03:04:05.678Z,\n",
        text(printed(rows, "--format", "csv")));
    assertEquals(
        "c\n\"\"\n",
        text(
            printed(
                TestSpark.session().sql("SELECT CAST(null AS STRING) AS c"), "--format", "csv")));
  }

  @Test
  void jsonIsAnArrayAndJsonLinesAreObjects() throws Exception {
    ObjectMapper json = new ObjectMapper();
    byte[] all = printed("--format", "json");
    List<String> lines = text(printed("--format", "jsonl")).lines().toList();
    assertEquals(HOSTILE.size() + 1, lines.size());
    for (int i = 0; i < HOSTILE.size(); i++) {
      assertEquals(HOSTILE.get(i), json.readTree(all).get(i).get("page").textValue());
      assertEquals(HOSTILE.get(i), json.readTree(lines.get(i)).get("page").textValue());
    }
    assertFalse(text(all).contains("\u202e"));
    assertEquals("[]\n", text(printed(rows().limit(0), "--format", "json")));
  }

  @Test
  void aTableEscapesAndCutsItsCells() throws Exception {
    String table = text(printed());
    assertTrue(table.contains("|\",\"z\\nrow,2,3 "), table);
    assertTrue(table.contains("|a\\u001b[31m\\u202eb\\u200e\\u200f\\u061c|"), table);
    assertTrue(table.contains("|-1 |NULL "), table);

    Dataset<Row> large =
        TestSpark.session()
            .range(3)
            .selectExpr("repeat('x', 300000) AS id", "repeat('\u001b', 500) AS e");
    String cut = text(printed(large));
    assertTrue(cut.length() < 5_000, () -> "Length " + cut.length());
    assertTrue(cut.contains("|" + "x".repeat(197) + "...|" + "\\u001b".repeat(32)), cut);
    String whole = text(printed(large, "--no-truncate"));
    assertTrue(whole.contains("x".repeat(300_000)) && !whole.contains("..."));
  }

  @Test
  void aTableThatDoesNotFitTheTerminalTurnsVertical() throws Exception {
    Dataset<Row> rows =
        TestSpark.session().range(2).selectExpr("id", "repeat('東', 20) AS page_name", "'a' AS `a`");
    String wide = "|0  |" + "東".repeat(20) + "|a  |\n";
    String vertical = "-[ row 1 ]---------\nid        | 0\npage_name | " + "東".repeat(20) + "\n";
    assertTrue(text(printedAt(50, rows)).contains(wide));
    assertTrue(text(printedAt(49, rows)).startsWith(vertical));
    assertTrue(text(printedAt(49, rows, "--wide")).contains(wide));
    assertTrue(text(printed(rows)).contains(wide), "No terminal: a row is one line");
    assertTrue(
        text(printed(TestSpark.session().range(1_001).toDF()))
            .endsWith("only the first 1,000 rows are shown\n"));
  }

  @Test
  void aFileHasTheFormatOfItsEnding() throws Exception {
    for (String ending : List.of("csv", "json", "jsonl", "parquet")) {
      Path file = folder.resolve("rows." + ending);
      Dataset<Row> rows = ending.equals("parquet") ? rows().toDF("n", "page", "m") : rows();
      assertEquals("rows: " + file + "\n", text(printed(rows, "--output", file.toString())));
    }
    for (String ending : List.of("json", "jsonl")) {
      assertArrayEquals(
          printed("--format", ending), Files.readAllBytes(folder.resolve("rows." + ending)));
    }
    byte[] csv = Files.readAllBytes(folder.resolve("rows.csv"));
    assertEquals(python(printed("--format", "csv")), python(csv));
    // RFC 4180 in a file, what a shell reads in a pipe.
    assertTrue(text(csv).startsWith("n,page,n\r\n0,\"say"), text(csv));
    assertTrue(text(printed("--format", "csv")).startsWith("n,page,n\n0,\"say"));
    List<String> pages =
        TestSpark.session()
            .read()
            .parquet(folder.resolve("rows.parquet").toString())
            .collectAsList()
            .stream()
            .map(row -> row.getString(1))
            .toList();
    assertEquals(HOSTILE, pages.subList(0, HOSTILE.size()));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(4, files.count(), "Something temporary is left");
    }
    assertRefused("--output rows.xls must end in .csv", "--output", "rows.xls");
    assertRefused("Give either --format or --output", "--output", "rows.csv", "--format", "csv");
    assertRefused("--output /nowhere/rows.csv cannot", "--output", "/nowhere/rows.csv");
  }

  private void assertRefused(String message, String... options) {
    Failure failure = assertThrows(Failure.class, () -> printed(options));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith(message), failure.getMessage());
  }

  /** Two columns have one name. The last row has a number that is no formula, and a null. */
  private static Dataset<Row> rows() {
    List<Row> rows = new ArrayList<>();
    IntStream.range(0, HOSTILE.size())
        .forEach(i -> rows.add(RowFactory.create(i, HOSTILE.get(i), i)));
    rows.add(RowFactory.create(-1, null, -1));
    return TestSpark.session()
        .createDataFrame(
            rows,
            new StructType()
                .add("n", DataTypes.IntegerType)
                .add("page", DataTypes.StringType)
                .add("n", DataTypes.IntegerType));
  }

  private byte[] printed(String... options) throws IOException {
    return printed(rows(), options);
  }

  private byte[] printed(Dataset<Row> rows, String... options) throws IOException {
    return print(new Printer(bytes(), Terminal.NONE), rows, options);
  }

  private byte[] printedAt(int columns, Dataset<Row> rows, String... options) throws IOException {
    Terminal terminal =
        Terminal.ofStandardOutput(Map.of("COLUMNS", Integer.toString(columns))::get);
    return print(new Printer(bytes(), terminal), rows, options);
  }

  private ByteArrayOutputStream out;

  private ByteArrayOutputStream bytes() {
    out = new ByteArrayOutputStream();
    return out;
  }

  private byte[] print(Printer printer, Dataset<Row> rows, String... options) throws IOException {
    Arguments arguments = Arguments.parse(new SqlCommand(), List.of(options), name -> null);
    new RowPrinter(printer, RowPrinter.Form.read(arguments)).print(rows);
    return out.toByteArray();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static List<String> cells(List<List<String>> rows) {
    return rows.subList(1, HOSTILE.size() + 1).stream().map(row -> row.get(1)).toList();
  }

  /** Returns the rows as Python's csv module reads them. */
  @SuppressWarnings("unchecked")
  private static List<List<String>> python(byte[] csv) throws Exception {
    Process python = new ProcessBuilder("python3", "-X", "utf8", "-c", PYTHON).start();
    python.getOutputStream().write(csv);
    python.getOutputStream().close();
    byte[] rows = python.getInputStream().readAllBytes();
    assertEquals(0, python.waitFor(), () -> text(read(python)));
    return new ObjectMapper().readValue(rows, List.class);
  }

  private static byte[] read(Process process) {
    try {
      return process.getErrorStream().readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}

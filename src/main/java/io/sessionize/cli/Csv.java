package io.sessionize.cli;

import io.sessionize.output.Printable;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Rows as CSV per RFC 4180: fields in quotes where needed, quotes doubled. A null is an empty
 * field, an empty text is {@code ""}.
 *
 * <p>Spark's own writer leaves a single CR outside of quotes, and begins no cell with an
 * apostrophe.
 *
 * @param raw whether texts are unchanged; else no spreadsheet runs them, and no terminal obeys them
 */
record Csv(boolean raw, String lineEnd) {
  /** As in RFC 4180. */
  static final String CR_LF = "\r\n";

  /** For a pipe: to the programs of a shell, a CR would be part of the last field. */
  static final String LF = "\n";

  /** A spreadsheet takes a text that begins with one of them for a formula (OWASP). */
  private static final String FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

  /** In many countries, a spreadsheet ends a cell at a semicolon, and not at a comma. */
  private static final Pattern FORMULA_OF_NEXT_CELL =
      Pattern.compile("[;\t\r\n]\"*(?=[=+@\uFF1D\uFF0B\uFF0D\uFF20-])");

  /** Returns the line of the names of the columns. */
  String header(Dataset<Row> rows) {
    return line(Arrays.stream(rows.columns()).map(this::text).toList());
  }

  /** Returns the line of a row of {@link #texts}. */
  String line(Row row, StructType types) {
    String[] cells = new String[row.size()];
    for (int i = 0; i < cells.length; i++) {
      String cell = row.getString(i);
      boolean isText = types.fields()[i].dataType() instanceof StringType;
      cells[i] = cell == null ? null : isText ? text(cell) : shown(cell);
    }
    return line(Arrays.asList(cells));
  }

  /** Returns the columns as texts; nested values become JSON, binary values Base64. */
  static Dataset<Row> texts(Dataset<Row> rows) {
    StructField[] fields = rows.schema().fields();
    String[] names = new String[fields.length];
    Column[] texts = new Column[fields.length];
    for (int i = 0; i < fields.length; i++) {
      names[i] = "c" + i;
      texts[i] = text(functions.col(names[i]), fields[i].dataType());
    }
    return rows.toDF(names).select(texts);
  }

  private static Column text(Column value, DataType type) {
    if (type instanceof ArrayType || type instanceof MapType || type instanceof StructType) {
      return functions.to_json(value);
    }
    if (type instanceof BinaryType) {
      return functions.base64(value);
    }
    return type instanceof TimestampType
        ? functions.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
        : value.cast("string");
  }

  /** Returns a text that a spreadsheet does not run. */
  private String text(String cell) {
    boolean runs = !raw && !cell.isEmpty() && FORMULA.indexOf(cell.charAt(0)) >= 0;
    return shown(runs ? "'" + cell : cell);
  }

  private String shown(String cell) {
    return raw ? cell : Printable.text(FORMULA_OF_NEXT_CELL.matcher(cell).replaceAll("$0'"));
  }

  private String line(List<String> cells) {
    String line = cells.stream().map(Csv::field).collect(Collectors.joining(","));
    // An empty line would be no row.
    return (line.isEmpty() ? "\"\"" : line) + lineEnd;
  }

  private static String field(String cell) {
    if (cell == null) {
      return "";
    }
    boolean isPlain = !cell.isEmpty() && cell.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return isPlain ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
  }
}

package io.sessionize.cli;

import io.sessionize.output.Printable;
import io.sessionize.output.Printer;
import io.sessionize.output.TextTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.StructField;

/** Rows as a text table. */
final class ConsoleTable {
  /** Characters of a cell. An id or a list of pages fits; a hostile value does not fill a disk. */
  static final int CELL = 200;

  private static final String CUT = "...";

  /**
   * What the command line says about tables.
   *
   * @param wide whether rows stay side by side on a terminal that is too narrow
   * @param whole whether cells are not cut
   */
  record Layout(boolean wide, boolean whole) {
    static final Layout DEFAULT = new Layout(false, false);

    static Layout read(Arguments arguments) {
      return new Layout(arguments.has(Opt.WIDE), arguments.has(Opt.NO_TRUNCATE));
    }
  }

  private final TextTable table;
  private final boolean isCut;
  private final int count;
  private final int most;

  private ConsoleTable(Dataset<?> rows, int most, boolean whole) {
    List<List<String>> cells = new ArrayList<>();
    for (Row row : texts(rows, whole).takeAsList(most + 1)) {
      List<String> line = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        line.add(cell(row.getString(i), whole));
      }
      cells.add(line);
    }
    this.isCut = cells.size() > most;
    this.most = most;
    this.count = Math.min(cells.size(), most);
    this.table =
        new TextTable(Arrays.asList(rows.columns()), isCut ? cells.subList(0, most) : cells);
  }

  /**
   * Prints a table that fits the terminal. Runs a Spark job.
   *
   * @param most maximum number of rows
   * @return the number of rows that it shows
   */
  static int print(PrintStream out, Dataset<?> rows, int most, Layout layout) {
    OptionalInt width = layout.wide ? OptionalInt.empty() : Printer.terminal(out).width();
    ConsoleTable table = new ConsoleTable(rows, most, layout.whole);
    out.print(table.text(width));
    return table.count;
  }

  private String text(OptionalInt width) {
    return table.fitting(width)
        + (isCut ? String.format("only the first %,d rows are shown%n", most) : "");
  }

  /** Returns the columns as texts, renamed, since two may have one name. */
  private static Dataset<Row> texts(Dataset<?> rows, boolean whole) {
    StructField[] fields = rows.schema().fields();
    String[] names = new String[fields.length];
    Column[] texts = new Column[fields.length];
    for (int i = 0; i < fields.length; i++) {
      names[i] = "c" + i;
      Column value = functions.col(names[i]);
      Column text =
          fields[i].dataType() instanceof BinaryType ? functions.hex(value) : value.cast("string");
      // One more than is shown: the rest of a hostile value never leaves Spark.
      texts[i] = whole ? text : functions.substring(text, 1, CELL + 1);
    }
    return rows.toDF(names).select(texts);
  }

  private static String cell(String text, boolean whole) {
    String line = text == null ? "NULL" : Printable.line(text);
    return whole || line.codePointCount(0, line.length()) <= CELL
        ? line
        : line.substring(0, line.offsetByCodePoints(0, CELL - CUT.length())) + CUT;
  }
}

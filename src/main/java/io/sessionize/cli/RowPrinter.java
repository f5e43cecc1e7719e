package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** Prints rows in the format of {@link Opt#FORMAT}. */
final class RowPrinter {
  private static final int TABLE_ROWS = 1000;

  private final PrintStream out;
  private final String format;

  /**
   * @param format as {@link #format} returns it
   */
  RowPrinter(PrintStream out, String format) {
    this.out = out;
    this.format = format;
  }

  /**
   * Reads {@link Opt#FORMAT}.
   *
   * @throws Failure of usage, if rows have no such format
   */
  static String format(Arguments arguments) {
    String format = arguments.choice(Opt.FORMAT);
    if (format.equals("json")) {
      throw Failure.usage("--format json is for status only: use jsonl for rows.");
    }
    return format;
  }

  /** Prints a line above a table. The other formats, for programs, have no heading. */
  void heading(String line, Object... args) {
    if (format.equals("table")) {
      out.println(String.format(line, args));
    }
  }

  /** Prints all rows; a table has only the first 1,000. */
  void print(Dataset<Row> rows) {
    if (rows.columns().length == 0) {
      return;
    }
    switch (format) {
      case "jsonl" -> lines(rows.toJSON());
      case "csv" -> {
        Column[] header = Arrays.stream(rows.columns()).map(functions::lit).toArray(Column[]::new);
        lines(rows.sparkSession().range(1).select(csv(header)).as(stringEncoder()));
        lines(rows.select(csv(flat(rows))).as(stringEncoder()));
      }
      default -> out.print(ConsoleTable.of(rows, TABLE_ROWS));
    }
  }

  private static Encoder<String> stringEncoder() {
    return Encoders.STRING();
  }

  private static Column csv(Column[] columns) {
    Column[] named = new Column[columns.length];
    for (int i = 0; i < columns.length; i++) {
      named[i] = columns[i].as("c" + i);
    }
    return functions.to_csv(functions.struct(named));
  }

  /** Returns the columns of a CSV line. CSV has no nested values: they become JSON. */
  private static Column[] flat(Dataset<Row> rows) {
    return Arrays.stream(rows.schema().fields())
        .map(
            field -> {
              Column column = functions.col("`" + field.name().replace("`", "``") + "`");
              boolean nested =
                  field.dataType() instanceof ArrayType
                      || field.dataType() instanceof MapType
                      || field.dataType() instanceof StructType;
              return nested ? functions.to_json(column) : column;
            })
        .toArray(Column[]::new);
  }

  private void lines(Dataset<String> lines) {
    for (Iterator<String> iterator = lines.toLocalIterator(); iterator.hasNext(); ) {
      out.println(iterator.next());
    }
  }
}

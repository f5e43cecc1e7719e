package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.output.Printable;
import io.sessionize.output.Printer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Prints rows, or writes them to a file, as the options of {@link OptGroup#ROWS} say. */
final class RowPrinter {
  private static final int TABLE_ROWS = 1000;
  private static final String PARQUET = "parquet";

  /**
   * What the command line says about rows.
   *
   * @param format one of {@link Opt#FORMAT}, or parquet
   * @param file null for the standard output
   * @param csv used if the format is csv
   */
  record Form(String format, Path file, Csv csv, ConsoleTable.Layout layout) {

    static final Form TABLE =
        new Form("table", null, new Csv(false, Csv.LF), ConsoleTable.Layout.DEFAULT);

    /**
     * Reads the options.
     *
     * @throws Failure of usage, if two of them do not belong together, or the file cannot be
     *     written
     */
    static Form read(Arguments arguments) {
      String name = arguments.text(Opt.OUTPUT);
      String format = name == null ? arguments.choice(Opt.FORMAT) : ending(name);
      if (name != null && arguments.has(Opt.FORMAT)) {
        throw Failure.usage("Give either --format or --output: the ending of the file decides.");
      }
      if (name != null && !OutputFile.isWritable(Path.of(name))) {
        throw Failure.usage(
            "--output %s cannot be written: its folder does not exist or is not writable, or it is"
                + " a folder.",
            name);
      }
      if (arguments.has(Opt.CSV_RAW) && !format.equals("csv")) {
        throw Failure.usage("--csv-raw needs --format csv, or --output FILE.csv.");
      }
      return new Form(
          format,
          name == null ? null : Path.of(name),
          new Csv(arguments.has(Opt.CSV_RAW), name == null ? Csv.LF : Csv.CR_LF),
          ConsoleTable.Layout.read(arguments));
    }

    /**
     * Returns whether the standard output gets this format. A command that has more to show than
     * rows then prints a page of its own.
     */
    boolean isPage(String ofFormat) {
      return file == null && format.equals(ofFormat);
    }

    private static String ending(String name) {
      String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      return switch (ending) {
        case "csv", "json", "jsonl", PARQUET -> ending;
        default ->
            throw Failure.usage(
                "--output %s must end in .csv, .json, .jsonl or .parquet: the ending is the"
                    + " format.",
                name);
      };
    }
  }

  private final PrintStream out;
  private final Form form;

  RowPrinter(PrintStream out, Form form) {
    this.out = out;
    this.form = form;
  }

  /** Returns whether the standard output is for people: a table, or nothing but lines. */
  boolean isForPeople() {
    return form.format.equals("table") || form.file != null;
  }

  /** Prints a line beside the rows, unless a program reads them. */
  void line(String line, Object... args) {
    if (isForPeople()) {
      out.println(String.format(line, args));
    }
  }

  /** Prints rows of one text of several lines: not as a table. Runs a Spark job. */
  void printText(Dataset<Row> rows) throws IOException {
    if (!form.format.equals("table")) {
      print(rows);
      return;
    }
    rows.collectAsList()
        .forEach(row -> out.println(Printable.text(row.getString(0)).stripTrailing()));
  }

  /**
   * Prints all rows; a table has only the first 1,000. Runs Spark jobs.
   *
   * @return the number of rows that were printed
   */
  long print(Dataset<Row> rows) throws IOException {
    return print(rows, TABLE_ROWS);
  }

  /**
   * Prints all rows. Runs Spark jobs.
   *
   * @param most maximum number of rows of a table
   * @return the number of rows that were printed
   */
  long print(Dataset<Row> rows, int most) throws IOException {
    if (rows.columns().length == 0) {
      return 0;
    }
    if (form.file != null) {
      long count = write(rows);
      out.println("rows: " + form.file);
      return count;
    }
    return form.format.equals("table")
        ? ConsoleTable.print(out, rows, most, form.layout)
        : print(rows, Printer.raw(out));
  }

  private long write(Dataset<Row> rows) throws IOException {
    if (form.format.equals(PARQUET)) {
      return ParquetRows.write(rows, form.file);
    }
    AtomicLong count = new AtomicLong();
    OutputFile.replace(
        form.file,
        file -> {
          Writer writer = new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8));
          count.set(text(rows, writer::write));
          writer.flush();
        });
    return count.get();
  }

  /** The standard output remembers its errors itself, and its reader may have seen enough. */
  private long print(Dataset<Row> rows, OutputStream to) throws IOException {
    PrintStream lines = new PrintStream(to, false, StandardCharsets.UTF_8);
    long count = text(rows, lines::print);
    lines.flush();
    return count;
  }

  private interface Lines {
    void add(String line) throws IOException;
  }

  /** Returns the number of rows. */
  private long text(Dataset<Row> rows, Lines lines) throws IOException {
    return switch (form.format) {
      case "csv" -> csv(rows, lines);
      case "json" -> json(rows.toJSON().toLocalIterator(), lines);
      default -> jsonLines(rows.toJSON().toLocalIterator(), lines);
    };
  }

  private long csv(Dataset<Row> rows, Lines lines) throws IOException {
    lines.add(form.csv.header(rows));
    long count = 0;
    for (Iterator<Row> all = Csv.texts(rows).toLocalIterator(); all.hasNext(); count++) {
      lines.add(form.csv.line(all.next(), rows.schema()));
    }
    return count;
  }

  private static long jsonLines(Iterator<String> rows, Lines lines) throws IOException {
    long count = 0;
    for (; rows.hasNext(); count++) {
      lines.add(Printable.text(rows.next()) + "\n");
    }
    return count;
  }

  /** Prints one JSON array, with a row on each line. */
  private static long json(Iterator<String> rows, Lines lines) throws IOException {
    long count = 0;
    for (; rows.hasNext(); count++) {
      lines.add((count == 0 ? "[" : ",") + "\n" + Printable.text(rows.next()));
    }
    lines.add(count == 0 ? "[]\n" : "\n]\n");
    return count;
  }
}

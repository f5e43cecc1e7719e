package io.sessionize.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Dataset;
import scala.Console;

/** Renders rows as Spark's table of characters. {@link Dataset#show} prints to stdout only. */
final class ConsoleTable {
  private ConsoleTable() {}

  /**
   * The table, with whole values.
   *
   * @param most how many rows to show
   */
  static String of(Dataset<?> rows, int most) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
      Console.withOut(
          stream,
          () -> {
            rows.show(most, false);
            return null;
          });
    }
    // show() ends the table with an empty line.
    return shown.toString(StandardCharsets.UTF_8).stripTrailing() + "\n";
  }
}

package io.sessionize.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Dataset;
import scala.Console;

/** Renders rows as a text table with {@link Dataset#show}, which prints to stdout only. */
final class ConsoleTable {
  private ConsoleTable() {}

  /**
   * Returns the table. Values are not shortened.
   *
   * @param most maximum number of rows
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

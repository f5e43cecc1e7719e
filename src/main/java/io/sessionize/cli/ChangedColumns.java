package io.sessionize.cli;

import io.sessionize.output.TextTable;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Prints how many rows get another value, for each session column. */
final class ChangedColumns {
  private ChangedColumns() {}

  /**
   * Prints a table; nothing, if there are no session columns.
   *
   * @param rows by session column
   */
  static void print(PrintStream out, Map<String, Long> rows) {
    if (rows.isEmpty()) {
      return;
    }
    List<List<String>> cells =
        rows.entrySet().stream()
            .map(column -> List.of(column.getKey(), column.getValue().toString()))
            .toList();
    out.print(
        new TextTable(List.of("session_column", "rows_changed"), cells)
            .fitting(OptionalInt.empty()));
  }
}

package io.sessionize.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.output.Printable;
import io.sessionize.session.Session;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Prints the session columns of tried sessions: one column a line, and the names of null ones. */
final class TryValues {
  private static final String LINE = "  %-24s %s";

  private final PrintStream out;
  private final TryColumns columns;

  TryValues(PrintStream out, TryColumns columns) {
    this.out = out;
    this.columns = columns;
  }

  /**
   * Evaluates the columns of all sessions, and prints those of the first ones.
   *
   * @param most sessions that are printed
   */
  void print(List<Session> sessions, int most) {
    for (int i = 0; i < sessions.size(); i++) {
      ObjectNode values = columns.of(sessions.get(i));
      if (i < most) {
        print(sessions.get(i), values);
      }
    }
    if (columns.failed() > 0) {
      out.printf(
          "%nfailed_columns %,d: a session column failed on a session, and is null there%n",
          columns.failed());
    }
  }

  private void print(Session session, ObjectNode values) {
    out.println();
    line(session.uuid() + ", " + TryPrinter.start(session));
    List<String> empty = new ArrayList<>();
    values
        .fields()
        .forEachRemaining(
            value -> {
              if (value.getValue().isNull()) {
                empty.add(value.getKey());
              } else {
                line(String.format(LINE, value.getKey(), value.getValue()));
              }
            });
    printNull(empty);
  }

  /** Prints the names in as many lines as they need. */
  private void printNull(List<String> names) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i) + (i < names.size() - 1 ? "," : "");
      if (!text.isEmpty() && text.length() + 1 + name.length() > TryPrinter.WIDTH) {
        line(text.toString());
        text.setLength(0);
      }
      text.append(text.isEmpty() ? (i == 0 ? "  null: " : "    ") : " ").append(name);
    }
    if (!text.isEmpty()) {
      line(text.toString());
    }
  }

  private void line(String text) {
    out.println(TryPrinter.cut(Printable.line(text), TryPrinter.WIDTH));
  }
}

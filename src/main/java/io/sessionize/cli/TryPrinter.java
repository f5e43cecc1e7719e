package io.sessionize.cli;

import io.sessionize.output.TextTable;
import io.sessionize.session.Session;
import io.sessionize.trial.Tried;
import io.sessionize.trial.TriedTopic;
import io.sessionize.trial.TriedTopic.Rejection;
import io.sessionize.trial.TriedTopic.Unfit;
import io.sessionize.trial.TriedTopic.UnusedField;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** Prints what became of the records that a definition was tried on, in 80 columns. */
final class TryPrinter {
  static final int WIDTH = 80;
  private static final int FIELDS = 30;
  private static final int FIELD = 42;
  private static final int SESSIONS = 20;
  private static final int USER = 18;
  private static final int PAGES = 23;
  private static final List<String> HEADER =
      List.of("uuid", "start (UTC)", "seconds", "events", "pages");
  private static final DateTimeFormatter START =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final PrintStream out;

  TryPrinter(PrintStream out) {
    this.out = out;
  }

  void print(Tried tried, TryColumns columns) {
    tried.topics().forEach(this::print);
    if (tried.failedConditions() > 0) {
      out.printf(
          "failed_conditions %,d: a condition failed on an event, and is false there%n%n",
          tried.failedConditions());
    }
    print(tried.sessions(), tried);
    if (columns.areGiven()) {
      new TryValues(out, columns).print(tried.sessions(), SESSIONS);
    }
  }

  private void print(TriedTopic topic) {
    out.printf("topic     %s%n", topic.name());
    count("records", topic.records(), "");
    if (topic.elements() != topic.records()) {
      count("elements", topic.elements(), "of records that are batches of events");
    }
    count("events", topic.events(), "");
    count("duplicates", topic.duplicates(), "");
    count("filtered", topic.filtered(), topic.filtered() == 0 ? "" : "by the condition 'where'");
    count("rejected", topic.rejections(), "");
    topic.rejected().forEach(this::print);
    long unfit = topic.unfit().stream().mapToLong(Unfit::count).sum();
    count("unfit", unfit, unfit == 0 ? "" : "values that do not fit the type: null");
    topic.unfit().forEach(this::print);
    out.println();
    printUnused(topic.unused());
  }

  private void count(String name, long count, String note) {
    out.println(String.format("%-10s %,6d  %s", name, count, note).stripTrailing());
  }

  private void print(Rejection rejection) {
    String reason = rejection.reason().text();
    out.printf("  %,6d  %-17s %s%n", rejection.count(), reason, rejection.place());
    indented(rejection.detail());
    indented(rejection.value() == null ? "no value" : rejection.value());
  }

  private void print(Unfit unfit) {
    out.printf(
        "  %,6d  %-17s %s%n",
        unfit.count(), unfit.property() + ": " + unfit.type().text(), unfit.place());
    indented(unfit.value());
  }

  private void indented(String text) {
    out.println(" ".repeat(10) + cut(text, WIDTH - 10));
  }

  private void printUnused(List<UnusedField> fields) {
    if (fields.isEmpty()) {
      out.println("All fields of the records are used.");
      out.println();
      return;
    }
    out.println("Fields that the definition does not use: count, place, example");
    for (UnusedField field : fields.subList(0, Math.min(FIELDS, fields.size()))) {
      String place = place(field);
      String line = String.format("  %,6d  %-" + FIELD + "s ", field.count(), place);
      int room = WIDTH - TextTable.width(line);
      if (room < 12) {
        out.println(line.stripTrailing());
        indented("  " + field.example());
      } else {
        out.println(line + cut(field.example(), room));
      }
    }
    if (fields.size() > FIELDS) {
      out.printf("  and %,d more: --format json shows all%n", fields.size() - FIELDS);
    }
    out.println();
  }

  /** Returns a place as a definition has it, but for the {@code *}. */
  private static String place(UnusedField field) {
    return field.inRecord() ? "{at: " + field.at() + ", in: record}" : field.at();
  }

  private void print(List<Session> sessions, Tried tried) {
    if (sessions.isEmpty()) {
      out.println("There are no sessions.");
      return;
    }
    out.printf(
        "%,d sessions of %,d users from %,d events%s%n",
        sessions.size(), tried.users(), tried.events(), copies(tried));
    List<List<String>> rows = sessions.stream().limit(SESSIONS).map(TryPrinter::row).toList();
    out.print(new TextTable(HEADER, rows).fitting(OptionalInt.empty()));
    if (sessions.size() > SESSIONS) {
      out.printf("only the first %d sessions are shown%n", SESSIONS);
    }
  }

  private static String copies(Tried tried) {
    if (tried.duplicates() == 0) {
      return "";
    }
    String conflicts =
        tried.conflictingCopies() == 0
            ? ""
            : String.format(", with other content: %,d", tried.conflictingCopies());
    return String.format("; duplicates: %,d%s", tried.duplicates(), conflicts);
  }

  private static List<String> row(Session session) {
    return List.of(
        cut(session.uuid(), USER),
        start(session),
        Long.toString(session.durationSeconds()),
        Integer.toString(session.events().size()),
        cut(String.join(", ", session.pagesVisited()), PAGES));
  }

  static String start(Session session) {
    return START.format(Instant.ofEpochMilli(session.startMs()));
  }

  /** Cuts a text to a number of characters. */
  static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 3)) + "...";
  }
}

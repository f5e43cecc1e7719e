package io.sessionize.cli;

import io.sessionize.audit.Cut;
import io.sessionize.audit.Explanation;
import io.sessionize.audit.Explanation.RejectedRecord;
import io.sessionize.audit.Explanation.RowChange;
import io.sessionize.audit.Explanation.State;
import io.sessionize.audit.Explanation.UserEvent;
import io.sessionize.audit.Explanation.UserSession;
import io.sessionize.history.Commit;
import io.sessionize.output.Printable;
import io.sessionize.output.TextTable;
import io.sessionize.session.CloseReason;
import io.sessionize.session.Rules;
import io.sessionize.summary.RunSummary;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;

/** Prints an {@link Explanation} as text, at most 100 columns wide except for rules and ids. */
final class ExplainPrinter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final String EVENT = "%-23s %11s  %s %s %s";
  private static final String CUT = "...";
  private static final int PAGE = 16;
  private static final int ID = 36;
  private static final int WIDTH = 100;

  private final PrintStream out;
  private final Explanation explanation;
  private boolean hasUnknown;

  ExplainPrinter(PrintStream out, Explanation explanation) {
    this.out = out;
    this.explanation = explanation;
  }

  void print() {
    printHead();
    long left = explanation.notShown();
    if (left > 0) {
      line("limit      %d earlier events are not shown: give --to-date or a higher --limit", left);
    }
    for (UserSession session : explanation.sessions()) {
      out.println();
      print(session);
    }
    printRejected();
    printBatches();
    if (hasUnknown) {
      line("?    : the commit has expired, or was not searched");
    }
  }

  private void printHead() {
    line("user       %s", explanation.user());
    line("rules      %s", rules(explanation.rules()));
    line(
        "watermark  %s",
        explanation.watermark() == null ? "none: no event yet" : explanation.watermark());
    line(
        "found      %d sessions with %d events, %s rejected records",
        explanation.sessionCount(), explanation.eventCount(), rejectedCount());
    if (explanation.isSetAside()) {
      line("set aside  all records of this user are rejected (--set-aside-users)");
    }
    if (explanation.isOutOfSync()) {
      line("warning    the two tables are out of sync: the next run restates this user's sessions");
    }
  }

  private String rejectedCount() {
    int shown = explanation.rejected().size();
    return explanation.hasMoreRejected() ? "more than " + shown : Integer.toString(shown);
  }

  private static String rules(Rules rules) {
    StringBuilder text =
        new StringBuilder("a new session begins after a pause of more than ")
            .append(text(rules.timeoutMs()))
            .append(", or beyond ")
            .append(text(rules.maxMs()));
    if (!rules.endPages().isEmpty()) {
      text.append("; pages that end one: ").append(String.join(", ", rules.endPages()));
    }
    if (rules.ends() != null) {
      text.append("; events that end one: ").append(rules.ends());
    }
    if (rules.starts() != null) {
      text.append("; events that start one: ").append(rules.starts());
    }
    if (!rules.changes().isEmpty()) {
      text.append("; changes of ").append(String.join(", ", rules.changes()));
    }
    if (rules.dayIn() != null) {
      text.append("; days in ").append(rules.dayIn().name());
    }
    if (rules.boundaryRule() != null) {
      text.append("; rule ").append(rules.boundaryRule());
    }
    if (rules.maxEvents() > 0) {
      text.append("; at most ").append(rules.maxEvents()).append(" events");
    }
    return text.toString();
  }

  private void print(UserSession session) {
    line("session    %s", session.id());
    line(
        "           %s, %d events in %s%s",
        state(session.state()),
        session.eventCount(),
        text(session.endMs() - session.startMs()),
        changes(session.changes()));
    if (session.columns() != null) {
      line("           columns %s", cut(session.columns(), WIDTH - 19));
    }
    line(
        EVENT,
        "time (UTC)",
        "pause",
        TextTable.padded("page", PAGE),
        TextTable.padded("event id", ID),
        "run");
    if (session.isDamaged()) {
      line(
          "           damaged row: %d of its events can be read: run check",
          session.events().size());
    }
    if (session.notShown() > 0) {
      line("           ... %d earlier events are not shown (--limit)", session.notShown());
    }
    session.events().forEach(this::print);
    line("%s", reason(session));
  }

  private static String state(State state) {
    return switch (state) {
      case CLOSED -> "closed";
      case OPEN -> "open";
      case OPEN_AND_PUBLISHED -> "open again, and still in the sessions table";
    };
  }

  /** The first and the last commit that changed the row; audit session has all of them. */
  private String changes(List<RowChange> changes) {
    if (changes.isEmpty()) {
      return "";
    }
    RowChange first = changes.get(0);
    RowChange last = changes.get(changes.size() - 1);
    String begin = "; " + first.change() + " by run " + number(first.by());
    return changes.size() == 1
        ? begin
        : begin + ", " + last.change() + " by run " + number(last.by());
  }

  private void print(UserEvent event) {
    String page = event.pageName() == null ? event.eventName() : event.pageName();
    line(
        EVENT,
        TIME.format(Instant.ofEpochMilli(event.timeMs())),
        event.pauseMs() == null ? "" : text(event.pauseMs()),
        TextTable.padded(cut(page, PAGE), PAGE),
        TextTable.padded(cut(event.id(), ID), ID),
        number(event.readBy()) + (Boolean.TRUE.equals(event.isLate()) ? " late" : ""));
  }

  private String reason(UserSession session) {
    Cut cut = session.cut();
    Rules rules = explanation.rules();
    if (cut.pauseMs() == null) {
      Instant closes = Instant.ofEpochMilli(session.endMs() + rules.timeoutMs());
      return session.state() == State.CLOSED
          ? "-- closed: no event came within " + text(rules.timeoutMs()) + " after it"
          : "-- open: it closes when the watermark is later than " + closes;
    }
    String reason =
        switch (cut.reason()) {
          case INACTIVITY ->
              String.format(
                  "-- cut by inactivity: a pause of %s, and the timeout is %s",
                  text(cut.pauseMs()), text(rules.timeoutMs()));
          case MAX_DURATION ->
              String.format(
                  "-- cut by max_duration: with the next event it would last %s, and the maximum is %s",
                  text(cut.durationMs()), text(rules.maxMs()));
          case BOUNDARY -> "-- cut by boundary: " + boundary(cut, rules);
        };
    CloseReason stored = CloseReason.of(session.closeReason());
    return stored == cut.reason()
        ? reason
        : reason + "; the row says " + session.closeReason() + ": run check";
  }

  private static String boundary(Cut cut, Rules rules) {
    String rule = cut.boundaryRule();
    List<String> names = rules.boundaryNames();
    if (rule == null ? names.isEmpty() : !names.contains(rule)) {
      return "no rule of the table explains it";
    }
    if (cut.page() != null) {
      return "page " + cut.page() + " ends a session (--end-session-on-page)";
    }
    return rule == null ? "a rule that the row does not name, as in older rows" : "rule " + rule;
  }

  private void printRejected() {
    if (explanation.rejected().isEmpty()) {
      return;
    }
    out.println();
    line("rejected records");
    if (explanation.hasMoreRejected()) {
      line("only the newest %d are shown", explanation.rejected().size());
    }
    for (RejectedRecord record : explanation.rejected()) {
      line(
          "%-19s  run %-4s %-14s %s:%d:%d",
          record.rejectedAt() == null ? "" : SECOND.format(record.rejectedAt()),
          number(record.readBy()),
          record.reason(),
          record.topic(),
          record.partition(),
          record.offset());
      line("    %s", cut(record.detail(), WIDTH - 4));
    }
  }

  private void printBatches() {
    if (explanation.batches().list().isEmpty()) {
      return;
    }
    out.println();
    line(
        "%-4s %-19s %-38s %s",
        "run", "committed (UTC)", "what, run id", "copies, late (all users)");
    for (Commit batch : explanation.batches().list()) {
      line(
          "%-4s %-19s %-38s %s",
          number(batch),
          SECOND.format(batch.at()),
          batch.what(),
          batch.summary().map(ExplainPrinter::counts).orElse(""));
      batch
          .run()
          .ifPresent(
              run ->
                  line(
                      "     %s%s",
                      run,
                      batch
                          .summary()
                          .flatMap(RunSummary::watermarkBeforeMs)
                          .map(before -> "  watermark before it " + Instant.ofEpochMilli(before))
                          .orElse("")));
    }
    line("Copies are counted for each run, not for each user: the tables hold each event once.");
  }

  private static String counts(RunSummary summary) {
    return summary.counts().isEmpty()
        ? ""
        : summary.count("duplicates") + ", " + summary.count("late");
  }

  /** The number of a batch in the last table; a question mark if its commit is not known. */
  private String number(Commit batch) {
    hasUnknown |= batch == null;
    return batch == null ? "?" : explanation.batches().number(batch).toString();
  }

  /** A time span in its two largest units. */
  static String text(long ms) {
    Duration span = Duration.ofMillis(ms);
    if (span.toDays() > 0) {
      return span.toDays() + " d" + more(span.toHoursPart(), " h");
    }
    if (span.toHours() > 0) {
      return span.toHours() + " h" + more(span.toMinutesPart(), " min");
    }
    if (span.toMinutes() > 0) {
      return span.toMinutes() + " min" + more(span.toSecondsPart(), " s");
    }
    return span.toMillisPart() == 0
        ? span.toSeconds() + " s"
        : String.format("%d.%03d s", span.toSeconds(), span.toMillisPart());
  }

  private static String more(int value, String unit) {
    return value == 0 ? "" : " " + value + unit;
  }

  /** Returns one line of at most so many columns of a terminal. */
  private static String cut(String value, int most) {
    if (value == null) {
      return "-";
    }
    String text = Printable.line(value);
    if (text.length() <= most && TextTable.width(text) <= most) {
      return text;
    }
    int end = 0;
    int width = 0;
    while (end < text.length() && end < most) {
      String next = Character.toString(text.codePointAt(end));
      width += TextTable.width(next);
      if (width > most - CUT.length()) {
        break;
      }
      end += next.length();
    }
    return text.substring(0, end) + CUT;
  }

  private void line(String format, Object... values) {
    Object[] printable =
        Arrays.stream(values)
            .map(value -> value instanceof String text ? Printable.line(text) : value)
            .toArray();
    out.println(String.format(format, printable).stripTrailing());
  }
}

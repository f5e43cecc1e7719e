package io.sessionize.cli;

import io.sessionize.job.Backfilled;
import io.sessionize.job.BatchReport;
import io.sessionize.job.Preview;
import io.sessionize.job.Preview.ChangedSession;
import io.sessionize.offsets.OffsetRange;
import java.io.PrintStream;
import java.time.LocalDate;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints what a backfill or a retry would change, or what it has changed. */
final class BackfillPrinter {
  private final PrintStream out;
  private final boolean ids;

  /**
   * @param ids whether to print a sample of the changed sessions, whose ids hold those of the users
   */
  BackfillPrinter(PrintStream out, boolean ids) {
    this.out = out;
    this.ids = ids;
  }

  /** Prints a backfill. */
  void print(OffsetRange range, Backfilled done, boolean applied) {
    out.printf("range     %s%n", range);
    print(done, applied);
  }

  /** Prints a retry of rejected records. */
  void print(Backfilled done, boolean applied) {
    Map<String, Long> counts = done.batch().counts();
    Preview preview = done.preview();
    BatchReport.Sessions sessions = done.batch().sessions();
    out.printf(
        "records   %d: %d new events, %d duplicates, %d rejected; %d users%n",
        counts.get("records"),
        counts.get("events"),
        counts.get("duplicates"),
        counts.get("rejected"),
        preview.users());
    BatchPrinter.IF_ANY.stream()
        .filter(name -> counts.get(name) > 0 && !name.equals("damaged"))
        .forEach(name -> out.printf("%-9s %d%n", name, counts.get(name)));
    out.printf(
        "sessions  %d added, %d changed, %d removed; %d open afterwards%n",
        sessions.added(), sessions.changed(), sessions.removed(), sessions.open());
    if (sessions.damaged() > 0) {
      out.printf("damaged   %d rows are unchanged: no event replaces them%n", sessions.damaged());
    }
    out.printf(
        "touches   %d days%s, %d data files%n",
        preview.days().size(),
        preview.days().isEmpty()
            ? ""
            : preview.days().stream()
                .map(LocalDate::toString)
                .collect(Collectors.joining(", ", " (", ")")),
        preview.files());
    if (ids) {
      printSample(preview, sessions.changes());
    }
    out.println(applied ? "done" : "dry run: nothing was written");
  }

  private void printSample(Preview preview, long changes) {
    preview.sample().forEach(this::print);
    long more = changes - preview.sample().size();
    if (more > 0) {
      out.printf("  ... and %d more%n", more);
    }
  }

  private void print(ChangedSession session) {
    out.printf(
        "  %-7s %s  %s%n",
        session.change(),
        session.sessionId(),
        session.start() == null
            ? session.eventsBefore() + " events before"
            : String.format(
                "%s to %s, %s%d events",
                session.start(),
                session.end(),
                session.eventsBefore() == null ? "" : session.eventsBefore() + " -> ",
                session.eventsAfter()));
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Diff;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** {@code audit diff}: shows what changed between two points. */
final class AuditDiff implements AuditQuestion {

  @Override
  public String words() {
    return "diff";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(Opt.FROM, Opt.TO, OptGroup.ROWS);
  }

  @Override
  public TableCommand.PreparedCommand check(Arguments arguments) {
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    if (arguments.text(Opt.FROM) == null) {
      throw Failure.usage(
          "Give --from, such as --from yesterday, --from 2026-11-22T10:00:00Z, a snapshot id or a"
              + " tag.");
    }
    return context -> print(context, new RowPrinter(context.out(), form));
  }

  private static void print(TableContext context, RowPrinter printer) throws IOException {
    Instant now = Instant.now();
    SessionTables tables = context.tables();
    History history = new History(tables);
    String end = context.arguments().text(Opt.TO);
    Commit from = from(context.arguments().text(Opt.FROM), history, now);
    Commit to = history.at(end == null ? History.NOW : end, now);
    try (Diff diff = new Diff(context.spark(), tables, history, from, to)) {
      Diff.Counts counts = diff.counts();
      printer.line(
          "from snapshot %d (%s) to %d (%s): %d sessions added, %d removed (%d of them paired), %d"
              + " changed",
          from.id(),
          from.at(),
          to.id(),
          to.at(),
          counts.added(),
          counts.removed(),
          counts.paired(),
          counts.changed());
      printer.print(diff.rows());
    }
  }

  /** The first commit of the table, for a point before it: a daily comparison starts somewhere. */
  private static Commit from(String point, History history, Instant now) {
    if (!history.isBeforeCreation(point, now)) {
      return history.at(point, now);
    }
    Commit first = history.commits().get(0);
    System.err.printf(
        "sessionize: warning: '%s' is before the creation of the table: compared with its first"
            + " snapshot %d (%s).%n",
        point, first.id(), first.at());
    return first;
  }
}

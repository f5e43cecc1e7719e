package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.audit.RecentCheck;
import io.sessionize.session.GivenRules;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.util.List;

/** {@code check}: checks the invariants of the tables. */
final class CheckCommand extends TableCommand {

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String summary() {
    return "Check the invariants of the tables, and list the rows that break one";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.LAST,
        Opt.NO_IDS,
        OptGroup.ROWS,
        OptGroup.TABLES,
        OptGroup.RULES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "the check was not finished.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    GivenRules given = RuleOptions.read(arguments);
    Long last = arguments.number(Opt.LAST);
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    return context -> {
      try (Check check = new Check(context.spark(), context.names(), given)) {
        if (last == null) {
          all(check, new CheckPrinter(context, form), context);
        } else {
          recent(check, last, new CheckPrinter(context, form), context.names());
        }
      }
    };
  }

  private static void all(Check check, CheckPrinter printer, TableContext context)
      throws IOException {
    long violations;
    RowsProgress progress = RowsProgress.on(context.spark(), "check", check.rowsToRead());
    try {
      violations = printer.print(check.holds(), check::violations);
    } finally {
      progress.close();
    }
    printer.all(violations);
  }

  private static void recent(Check check, long last, CheckPrinter printer, TableNames names)
      throws IOException {
    try (RecentCheck recent = check.ofLastRuns(last)) {
      if (recent.hasExpired()) {
        throw Failure.usage(
            "The commits of the last runs of %s have expired: run check without --last.",
            names.table());
      }
      printer.recent(recent, last, printer.print(recent.holds(), recent::violations));
    }
  }
}

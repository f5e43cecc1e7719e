package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Explainer;
import io.sessionize.audit.Explanation;
import java.time.LocalDate;
import java.util.List;

/** {@code explain}: shows why a user's events are these sessions. */
final class ExplainCommand extends TableCommand {
  private static final long MOST = 100_000;

  @Override
  public String name() {
    return "explain";
  }

  @Override
  public String summary() {
    return "Show one user's events in order, where sessions were cut and why, what was late, and what was rejected";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.USER,
        Opt.FROM_DATE,
        Opt.TO_DATE,
        Opt.LIMIT,
        OptGroup.ROWS,
        OptGroup.TABLES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "nothing was changed.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    if (arguments.all(Opt.USER).size() != 1) {
      throw Failure.usage("Give one user: --user UUID.");
    }
    String user = arguments.text(Opt.USER);
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    LocalDate from = arguments.date(Opt.FROM_DATE);
    LocalDate to = arguments.date(Opt.TO_DATE);
    if (from != null && to != null && from.isAfter(to)) {
      throw Failure.usage("--from-date %s is after --to-date %s.", from, to);
    }
    long limit = arguments.number(Opt.LIMIT);
    if (limit > MOST) {
      throw Failure.usage("--limit must be at most %d, not %d.", MOST, limit);
    }
    return context -> {
      Explanation explanation =
          new Explainer(context.spark(), context.tables()).explain(user, from, to, (int) limit);
      if (explanation.isEmpty() && !explanation.isSetAside()) {
        // The log must not hold the id of a user.
        throw Failure.usage(
            "%s has no session and no rejected record of this user%s: check how the id is written.",
            context.names().table(), from == null && to == null ? "" : " on these days");
      }
      if (form.isPage("table")) {
        new ExplainPrinter(context.out(), explanation).print();
      } else if (form.isPage("json")) {
        context.out().println(ExplainJson.of(explanation));
      } else {
        new RowPrinter(context.out(), form).print(ExplainRows.of(context.spark(), explanation));
      }
    };
  }
}

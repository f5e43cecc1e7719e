package io.sessionize.cli;

import io.sessionize.audit.RunLog;
import io.sessionize.history.History;
import java.util.List;

/** {@code audit log}: shows one line per run. */
final class AuditLog implements AuditQuestion {

  @Override
  public String words() {
    return "log";
  }

  @Override
  public List<Opt> options() {
    return OptGroup.ROWS.list();
  }

  @Override
  public TableCommand.PreparedCommand check(Arguments arguments) {
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    return context -> {
      History history = new History(context.tables());
      new RowPrinter(context.out(), form).print(RunLog.of(context.spark(), history));
      if (form.isPage("table") && history.hasExpired()) {
        context.out().println(expired(history));
      }
    };
  }

  /** Returns the line that says what the log does not show. */
  static String expired(History history) {
    return String.format(
        "expired: all commits before %s but those with tags, which audit diff takes: %s",
        history.commits().get(0).at(), history.tags());
  }
}

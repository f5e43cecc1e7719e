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
    return context ->
        new RowPrinter(context.out(), form)
            .print(RunLog.of(context.spark(), new History(context.tables())));
  }
}

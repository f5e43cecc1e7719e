package io.sessionize.cli;

import io.sessionize.audit.SessionHistory;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.util.List;

/** {@code audit session ID}: shows the history of one session. */
final class AuditSession implements AuditQuestion {

  @Override
  public String words() {
    return "session ID";
  }

  @Override
  public List<Opt> options() {
    return OptGroup.ROWS.list();
  }

  @Override
  public TableCommand.PreparedCommand check(Arguments arguments) {
    String id = arguments.words().get(1);
    SessionHistory.requireId(id);
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    return context -> {
      SessionTables tables = context.tables();
      try (SessionHistory history =
          new SessionHistory(context.spark(), tables, new History(tables), id)) {
        new RowPrinter(context.out(), form).print(history.rows());
      }
    };
  }
}

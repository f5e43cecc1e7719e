package io.sessionize.cli;

import io.sessionize.audit.SessionHistory;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import org.apache.spark.sql.SparkSession;

/** {@code audit session ID}: what became of one session. */
final class AuditSession implements AuditQuestion {

  @Override
  public void check(Arguments arguments) {
    AuditQuestion.expect(arguments, 2, "session ID");
    AuditQuestion.refuse(arguments, Opt.FROM, Opt.TO);
    SessionHistory.requireId(arguments.words().get(1));
  }

  @Override
  public void answer(
      SparkSession spark, SessionTables tables, Arguments arguments, RowPrinter printer) {
    try (SessionHistory history =
        new SessionHistory(spark, tables, new History(tables), arguments.words().get(1))) {
      printer.print(history.rows());
    }
  }
}

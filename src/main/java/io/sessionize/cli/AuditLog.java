package io.sessionize.cli;

import io.sessionize.audit.RunLog;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import org.apache.spark.sql.SparkSession;

/** {@code audit log}: one line per run. */
final class AuditLog implements AuditQuestion {

  @Override
  public void check(Arguments arguments) {
    AuditQuestion.expect(arguments, 1, "log");
    AuditQuestion.refuse(arguments, Opt.FROM, Opt.TO);
  }

  @Override
  public void answer(
      SparkSession spark, SessionTables tables, Arguments arguments, RowPrinter printer) {
    printer.print(RunLog.of(spark, new History(tables)));
  }
}

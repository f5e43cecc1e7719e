package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Diff;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.time.Instant;
import org.apache.spark.sql.SparkSession;

/** {@code audit diff}: what changed between two points. */
final class AuditDiff implements AuditQuestion {

  @Override
  public void check(Arguments arguments) {
    AuditQuestion.expect(arguments, 1, "diff --from POINT --to POINT");
    if (arguments.text(Opt.FROM) == null) {
      throw Failure.usage(
          "Give --from, such as --from yesterday, --from 2026-11-22T10:00:00Z, a snapshot id or a tag.");
    }
  }

  @Override
  public void answer(
      SparkSession spark, SessionTables tables, Arguments arguments, RowPrinter printer) {
    Instant now = Instant.now();
    History history = new History(tables);
    String end = arguments.text(Opt.TO);
    Commit from = history.at(arguments.text(Opt.FROM), now);
    Commit to = history.at(end == null ? History.NOW : end, now);
    try (Diff diff = new Diff(spark, tables, history, from, to)) {
      Diff.Counts counts = diff.counts();
      printer.heading(
          "from snapshot %d (%s) to %d (%s): %d sessions added, %d removed (%d of them paired), %d changed",
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
}

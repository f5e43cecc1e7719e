package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.summary.TableNames;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** {@code check}: checks the invariants of the tables. */
final class CheckCommand extends TableCommand {
  private static final int ROWS = 100;

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
    return Opts.join(OptGroup.TABLES, OptGroup.RULES, Opt.SPARK_CONF, OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "the check was not finished.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    GivenRules given = GivenRules.read(arguments);
    return context -> execute(given, context);
  }

  private static void execute(GivenRules given, TableContext context) {
    TableNames names = context.names();
    Dataset<Row> violations = new Check(context.spark(), names, given).violations().persist();
    long count = violations.count();
    if (count > 0) {
      Dataset<Row> shown =
          violations
              .select("table_name", "session_id", "invariant", "detail")
              .orderBy("table_name", "session_id", "invariant");
      context.out().print(ConsoleTable.of(shown, ROWS));
      throw Failure.broken(
          "%d rows of %s break an invariant: see above. Backfill the offsets of their events, or restore the rows.",
          count, names.table());
    }
    context.out().println("all invariants hold");
  }
}

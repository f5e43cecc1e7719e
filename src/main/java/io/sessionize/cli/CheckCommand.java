package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code check}: the invariants over the tables. */
final class CheckCommand implements Command {
  private static final int ROWS = 100;

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String summary() {
    return "Check the invariants of the tables, and name the rows that break one";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.ICEBERG_DATABASE,
        Opt.ICEBERG_TABLE,
        Opt.INACTIVITY_TIMEOUT,
        Opt.MAX_SESSION_DURATION,
        Opt.BOUNDARY_RULE,
        Opt.END_SESSION_ON_PAGE,
        Opt.WAREHOUSE,
        Opt.SPARK_CONF,
        Opt.LOG_LEVEL,
        Opt.VERBOSE,
        Opt.HELP);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    arguments.expectWords(List.of());
    GivenRules given = GivenRules.read(arguments);
    Interruption.endsTheProcess("the check was not finished.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      TableNames names = JobOptions.names(arguments, SparkSessions.catalog(spark));
      Dataset<Row> violations = new Check(spark, names, given).violations().persist();
      long count = violations.count();
      if (count > 0) {
        out.print(
            ConsoleTable.of(
                violations
                    .select("table_name", "session_id", "invariant", "detail")
                    .orderBy("table_name", "session_id", "invariant"),
                ROWS));
        throw Failure.broken(
            "%d rows of %s break an invariant: see above, then backfill the offsets that hold their events, or restore"
                + " them.",
            count, names.table());
      }
      out.println("all invariants hold");
    }
  }
}

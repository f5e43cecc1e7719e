package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.RecentCheck;
import io.sessionize.summary.TableNames;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Prints the rows that break an invariant, or that there is none. */
final class CheckPrinter {
  private static final int ROWS = 100;

  private final PrintStream out;
  private final TableNames names;

  CheckPrinter(PrintStream out, TableNames names) {
    this.out = out;
    this.names = names;
  }

  /**
   * Prints the first rows and holds no others. Runs a Spark job, and a second one to count if there
   * are more.
   *
   * @return the number of all rows
   */
  long print(Dataset<Row> violations) {
    Dataset<Row> ordered =
        violations
            .select("table_name", "session_id", "invariant", "detail")
            .orderBy("table_name", "session_id", "invariant");
    List<Row> first = ordered.limit(ROWS + 1).collectAsList();
    if (first.isEmpty()) {
      return 0;
    }
    out.print(
        ConsoleTable.of(violations.sparkSession().createDataFrame(first, ordered.schema()), ROWS));
    return first.size() <= ROWS ? first.size() : violations.count();
  }

  /** Prints the result of a check of all rows. */
  void all(long violations) {
    require(violations);
    out.println("all invariants hold");
  }

  /**
   * Prints the result of a check of the last runs.
   *
   * @param asked how many runs were asked for
   */
  void recent(RecentCheck check, long asked, long violations) {
    require(violations);
    long runs = check.runs();
    String what = runs == 1 ? "the last run" : "the last " + runs + " runs";
    if (runs == 0) {
      String why =
          check.hasExpired() ? "the commits of the last runs have expired" : "there is no run yet";
      out.println("all invariants hold in staging: " + why);
    } else {
      out.printf(
          "all invariants hold in what %s changed%s%n",
          what, runs < asked ? ": the history holds no more" : "");
    }
  }

  private void require(long violations) {
    if (violations > 0) {
      throw Failure.broken(
          "%d rows of %s break an invariant: see above. Backfill the offsets of their events, or restore the rows.",
          violations, names.table());
    }
  }
}

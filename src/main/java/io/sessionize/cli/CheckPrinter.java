package io.sessionize.cli;

import static java.util.stream.Collectors.toSet;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.audit.RecentCheck;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Prints the rows that break an invariant, or that there is none. */
final class CheckPrinter {
  private static final int ROWS = 100;
  private static final String COLUMN_DIFFERS = "column_differs";
  private static final String RESTORE =
      "Backfill the offsets of their events, or restore the rows.";

  private final RowPrinter printer;
  private final boolean isTable;
  private final TableNames names;
  private final boolean ids;

  /** The invariants that rows break; null if that is not known of all rows. */
  private Set<String> broken;

  CheckPrinter(TableContext context, RowPrinter.Form form) {
    this(context.out(), form, context.names(), !context.arguments().has(Opt.NO_IDS));
  }

  /**
   * @param ids whether to print the rows; else only how many there are of each kind
   */
  CheckPrinter(PrintStream out, RowPrinter.Form form, TableNames names, boolean ids) {
    this.printer = new RowPrinter(out, form);
    this.isTable = form.format().equals("table");
    this.names = names;
    this.ids = ids;
  }

  /**
   * Prints the rows, or the counts. A table has only the first rows, and holds no others. Runs
   * Spark jobs; those for a table read the rows a second time to count them if there are more.
   *
   * @return the number of all rows
   */
  long print(Dataset<Row> violations) throws IOException {
    return ids ? printRows(violations) : printCounts(violations);
  }

  /**
   * As above, without a data set if none is needed.
   *
   * @param areNone whether it is known that there are no rows
   */
  long print(boolean areNone, Supplier<Dataset<Row>> violations) throws IOException {
    return areNone && isTable ? 0 : print(violations.get());
  }

  private long printCounts(Dataset<Row> violations) throws IOException {
    Dataset<Row> counted =
        violations
            .groupBy("table_name", "invariant")
            .agg(count(lit(1)).as("rows"))
            .orderBy("table_name", "invariant");
    List<Row> counts = counted.collectAsList();
    broken = invariants(counts);
    if (!counts.isEmpty() || !isTable) {
      printer.print(violations.sparkSession().createDataFrame(counts, counted.schema()));
    }
    return counts.stream().mapToLong(row -> row.getLong(2)).sum();
  }

  private long printRows(Dataset<Row> violations) throws IOException {
    Dataset<Row> ordered =
        violations
            .select("table_name", "session_id", "invariant", "detail")
            .orderBy("table_name", "session_id", "invariant");
    if (!isTable) {
      return printer.print(ordered);
    }
    List<Row> first = ordered.limit(ROWS + 1).collectAsList();
    if (first.isEmpty()) {
      return 0;
    }
    printer.print(violations.sparkSession().createDataFrame(first, ordered.schema()), ROWS);
    broken = first.size() <= ROWS ? invariants(first) : null;
    return first.size() <= ROWS ? first.size() : violations.count();
  }

  private static Set<String> invariants(List<Row> violations) {
    return violations.stream().map(row -> row.<String>getAs("invariant")).collect(toSet());
  }

  /** Prints the result of a check of all rows. */
  void all(long violations) {
    require(violations);
    printer.line("all invariants hold");
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
      printer.line("all invariants hold in staging: %s", why);
    } else {
      printer.line(
          "all invariants hold in what %s changed%s",
          what, runs < asked ? ": the history holds no more" : "");
    }
  }

  private void require(long violations) {
    if (violations > 0) {
      throw Failure.broken(
          "%d rows of %s break an invariant: %s. %s",
          violations,
          names.table(),
          ids ? "see above" : "check without --no-ids lists them",
          wayOut());
    }
  }

  private String wayOut() {
    if (broken == null) {
      return RESTORE
          + " If it is "
          + COLUMN_DIFFERS
          + ", recompute computes the session columns of a row again.";
    }
    return broken.equals(Set.of(COLUMN_DIFFERS))
        ? "Their session columns do not follow from their events: recompute --user U computes those of a user again,"
            + " recompute those of all. docs/operations.md (check says column_differs) tells why they can differ."
        : RESTORE;
  }
}

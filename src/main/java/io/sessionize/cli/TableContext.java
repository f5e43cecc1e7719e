package io.sessionize.cli;

import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;

/**
 * What a command on the tables works with.
 *
 * @param spark the session; its configuration names the Iceberg catalog
 * @param arguments the checked command line
 * @param out where results go, and nothing else
 */
record TableContext(SparkSession spark, Arguments arguments, PrintStream out) {

  /** Returns the names of the job's tables. */
  TableNames names() {
    return new TableNames(
        SparkSessions.catalog(spark),
        arguments.name(Opt.ICEBERG_DATABASE),
        arguments.table(Opt.ICEBERG_TABLE));
  }

  /** Returns the job's tables. */
  SessionTables tables() {
    return new SessionTables(spark, names());
  }
}

package io.sessionize.audit;

import io.sessionize.history.StartTimes;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.NeighbourInvariants;
import io.sessionize.session.Property;
import io.sessionize.session.Rules;
import io.sessionize.session.StagingInvariants;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.InvariantScan;
import io.sessionize.spark.internal.KeptRows;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.summary.TableNames;
import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The invariants of the tables, on the rows of given files: those of a row by itself, of two
 * consecutive rows of a user, and of staging.
 */
final class Invariants {
  private final SparkSession spark;
  private final NeighbourInvariants neighbours;
  private final InvariantScan scan;

  /** Data files of a table. */
  record Files(Table table, List<FileScanTask> tasks) {
    /** All files of a snapshot. */
    static Files of(Table table, long snapshot) {
      return new Files(table, InvariantScan.files(table, snapshot));
    }

    /** How many rows the files have, deleted ones included. */
    long rows() {
      return tasks.stream().mapToLong(task -> task.file().recordCount()).sum();
    }
  }

  /**
   * @param rules by which the rows were made; their class is not asked
   * @param properties that events of the tables have
   * @param watermarkMs that has closed sessions, epoch milliseconds
   * @throws io.sessionize.Failure of usage, if this process cannot apply the rules
   */
  Invariants(
      SparkSession spark,
      TableNames names,
      Rules rules,
      List<Property> properties,
      long watermarkMs) {
    rules.withoutClass().validate();
    String sessions = TableNames.plain(names.sessions());
    this.spark = spark;
    this.neighbours = new NeighbourInvariants(rules);
    this.scan =
        new InvariantScan(
            spark,
            RowSchemas.of(properties),
            rules,
            neighbours,
            new StagingInvariants(rules, watermarkMs, sessions),
            List.of(sessions, TableNames.plain(names.open()), TableNames.plain(names.live())));
  }

  /** See {@link NeighbourInvariants#reachMs}. */
  long reachMs() {
    return neighbours.reachMs();
  }

  /** The longest session that the rules allow, in milliseconds. */
  long longestMs() {
    return neighbours.longestMs();
  }

  /** The rows of these files, each judged by itself. Lazy. Reads each row once. */
  InternalRows judged(Files sessions, Files open) {
    return scan.judged(sessions.table(), sessions.tasks(), false)
        .and(scan.judged(open.table(), open.tasks(), true));
  }

  /** Judged rows that are read several times. To be closed. */
  KeptRows keep(InternalRows judged) {
    return scan.keep(judged);
  }

  /**
   * The users of judged rows. Runs a Spark job.
   *
   * @param expected about how many rows are judged
   */
  NearUsers users(InternalRows judged, long expected) {
    return InvariantScan.starts(judged)
        .treeAggregate(
            new NearUsers(reachMs(), reachMs() + longestMs(), expected),
            (users, row) -> users.add(row._1, row._2),
            NearUsers::add);
  }

  /**
   * The rows of these users, and possibly of others, that start at these times or have no start,
   * judged only as neighbours of judged ones. Lazy.
   */
  InternalRows near(Files others, SearchedUsers users, StartTimes times) {
    return scan.near(others.table(), others.tasks(), users, times::contain);
  }

  /**
   * The violations among judged rows and their neighbours. Lazy.
   *
   * @param judged must include all rows of staging, and their published copies
   * @param ofColumns see {@link Violations}
   */
  Violations violations(InternalRows judged, Supplier<Dataset<Row>> ofColumns) {
    return new Violations(spark, scan.violations(judged), ofColumns);
  }
}

package io.sessionize.cli;

import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import java.sql.Timestamp;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The results of proofs as rows, for formats that have nothing but rows. */
final class ProofRows {
  private ProofRows() {}

  /**
   * One row for each run.
   *
   * @param ids whether to list the sessions that differ; else {@code differences} is null
   */
  static Dataset<Row> of(SparkSession spark, List<ProofReport> reports, boolean ids) {
    return spark.createDataFrame(
        reports.stream().map(report -> row(report, ids)).toList(), schema());
  }

  private static Row row(ProofReport report, boolean ids) {
    PastRun run = report.run();
    return RowFactory.create(
        Timestamp.from(run.time()),
        run.snapshot(),
        run.work().toString(),
        run.range().toString(),
        report.sessions(),
        verdict(report),
        report.evidence().name().toLowerCase(Locale.ROOT),
        report.reason(),
        ids ? report.differences().stream().map(ProofRows::row).toArray() : null,
        report.more());
  }

  private static Row row(Difference difference) {
    return RowFactory.create(difference.sessionId(), difference.what());
  }

  private static String verdict(ProofReport report) {
    if (report.isRefuted()) {
      return "not_proven";
    }
    if (report.isProven()) {
      return "proven";
    }
    return report.evidence() == Evidence.EXPIRED ? "expired" : "not_provable";
  }

  private static StructType schema() {
    StructType difference =
        new StructType().add("session_id", DataTypes.StringType).add("what", DataTypes.StringType);
    return new StructType()
        .add("at", DataTypes.TimestampType)
        .add("snapshot", DataTypes.LongType)
        .add("what", DataTypes.StringType)
        .add("offsets", DataTypes.StringType)
        .add("sessions", DataTypes.LongType)
        .add("verdict", DataTypes.StringType)
        .add("evidence", DataTypes.StringType)
        .add("reason", DataTypes.StringType)
        .add("differences", DataTypes.createArrayType(difference))
        .add("more_differences", DataTypes.BooleanType);
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.history.Commit;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.spark.SparkSessions;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** {@code audit prove}: whether past runs made what they had to, and whether it still stands. */
public final class AuditProve {

  /** Proves, prints, and fails where anything is not proven. */
  void execute(Arguments arguments, PrintStream out) {
    if (arguments.has(Opt.RUN) && arguments.has(Opt.LAST)) {
      throw Failure.usage("Give either --run or --last, not both.");
    }
    AuditQuestion.refuse(arguments, Opt.FROM, Opt.TO, Opt.FORMAT);
    long last = arguments.number(Opt.LAST);
    JobOptions.names(arguments, "unknown yet");
    GivenRules given = GivenRules.read(arguments);
    KafkaConnection connection =
        KafkaConnection.of(arguments.text(Opt.KAFKA_SERVERS), arguments.text(Opt.KAFKA_PROPERTIES));
    KafkaReadOptions source =
        new KafkaReadOptions(connection, arguments.topic(Opt.KAFKA_TOPIC), null, true);
    Interruption.endsTheProcess("the proof was not finished.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      Proof proof =
          new Proof(
              spark, JobOptions.names(arguments, SparkSessions.catalog(spark)), given, source);
      List<PastRun> runs =
          arguments.has(Opt.RUN) ? List.of(proof.named(arguments.text(Opt.RUN))) : proof.last(last);
      prove(proof, runs, out);
    }
  }

  /** Proves these runs one by one, and tells of each as soon as it is known. */
  public static void prove(Proof proof, List<PastRun> runs, PrintStream out) {
    if (runs.isEmpty()) {
      out.println("nothing to prove: no run has published anything yet");
    }
    int unproven = 0;
    for (PastRun run : runs) {
      ProofReport report = proof.prove(run);
      print(report, out);
      unproven += report.isProven() ? 0 : 1;
    }
    printOthers(runs, out);
    if (unproven > 0) {
      throw Failure.broken(
          "%d of %d runs not proven: see above. What Kafka still holds, a backfill of the run's offsets restores.",
          unproven, runs.size());
    }
  }

  private static void print(ProofReport report, PrintStream out) {
    PastRun run = report.run();
    out.printf(
        "%s  %s  snapshot %d  %s %s  %d sessions%s%n",
        verdict(report),
        run.time(),
        run.snapshot(),
        run.command(),
        run.range(),
        report.sessions(),
        run.isCommitted() ? "" : "  (crashed before its commit point, or is still running)");
    if (!report.differences().isEmpty()) {
      out.printf("  %-19s  %s%n", "run", "session_id: what");
      for (Difference difference : report.differences()) {
        out.printf(
            "  %-19d  %s: %s%n", difference.snapshot(), difference.sessionId(), difference.what());
      }
      if (report.more()) {
        out.println("  ... and more");
      }
    }
  }

  private static String verdict(ProofReport report) {
    String from =
        report.evidence() == Evidence.KAFKA
            ? "from Kafka"
            : report.evidence() == Evidence.STORED_EVENTS
                ? "from stored events (" + report.reason() + ")"
                : "(" + report.reason() + ")";
    return (report.isProven() ? "proven " : "NOT PROVEN ") + from;
  }

  /** Each once, though it may lie between two of the runs. */
  private static void printOthers(List<PastRun> runs, PrintStream out) {
    Map<Long, Commit> others = new HashMap<>();
    runs.forEach(run -> run.others().forEach(other -> others.put(other.id(), other)));
    others.values().stream()
        .sorted(Comparator.comparing(Commit::at))
        .forEach(
            other ->
                out.printf(
                    "by others  %s  snapshot %d of %s  %s%n",
                    other.at(), other.id(), other.table(), other.operation()));
  }
}

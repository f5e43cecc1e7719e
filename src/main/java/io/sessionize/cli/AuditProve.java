package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.history.Commit;
import io.sessionize.source.KafkaReadOptions;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code audit prove}: replays past runs and shows whether they published what they had to, and
 * whether their rows are still unchanged.
 */
public final class AuditProve implements AuditQuestion {

  @Override
  public String words() {
    return "prove";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(Opt.RUN, Opt.LAST, OptGroup.KAFKA, OptGroup.RULES);
  }

  @Override
  public TableCommand.PreparedCommand check(Arguments arguments) {
    if (arguments.has(Opt.RUN) && arguments.has(Opt.LAST)) {
      throw Failure.usage("Give either --run or --last, not both.");
    }
    String run = arguments.text(Opt.RUN);
    long last = arguments.has(Opt.LAST) ? arguments.number(Opt.LAST) : 1;
    GivenRules given = GivenRules.read(arguments);
    KafkaReadOptions source = KafkaOptions.ranges(arguments);
    return context -> {
      Proof proof = new Proof(context.spark(), context.names(), given, source);
      prove(proof, run == null ? proof.last(last) : List.of(proof.named(run)), context.out());
    };
  }

  /**
   * Proves these runs one by one and prints each result at once.
   *
   * @throws Failure of broken invariants, if any run is not proven
   */
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
    printExternalCommits(runs, out);
    if (unproven > 0) {
      throw Failure.broken(
          "%d of %d runs are not proven: see above. If Kafka still has the records of a run, backfill its offsets.",
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
        run.work(),
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

  /** Prints each external commit once, even if several of the runs have it. */
  private static void printExternalCommits(List<PastRun> runs, PrintStream out) {
    Map<Long, Commit> external = new HashMap<>();
    runs.forEach(run -> run.external().forEach(other -> external.put(other.id(), other)));
    external.values().stream()
        .sorted(Comparator.comparing(Commit::at))
        .forEach(
            other ->
                out.printf(
                    "external commit  %s  snapshot %d of %s  %s%n",
                    other.at(), other.id(), other.table(), other.operation()));
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.history.Commit;
import io.sessionize.session.GivenRules;
import io.sessionize.source.KafkaReadOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

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
    return Opts.join(
        Opt.RUN, Opt.LAST, Opt.SINCE, Opt.NO_IDS, OptGroup.ROWS, OptGroup.KAFKA, OptGroup.RULES);
  }

  @Override
  public TableCommand.PreparedCommand check(Arguments arguments) {
    if (Stream.of(Opt.RUN, Opt.LAST, Opt.SINCE).filter(arguments::has).count() > 1) {
      throw Failure.usage("Give one of --run, --last and --since.");
    }
    String run = arguments.text(Opt.RUN);
    long last = arguments.has(Opt.LAST) ? arguments.number(Opt.LAST) : 1;
    Duration since = arguments.duration(Opt.SINCE);
    GivenRules given = RuleOptions.read(arguments);
    GivenSource source = GivenSource.of(KafkaOptions.ranges(arguments), arguments);
    boolean ids = !arguments.has(Opt.NO_IDS);
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    return context -> {
      KafkaReadOptions topics = source.on(context.tables().findBase(), Set.of());
      Proof proof = new Proof(context.spark(), context.names(), given, topics);
      RowsProgress progress = RowsProgress.lines(context.spark(), "prove");
      try {
        if (!form.isPage("table")) {
          List<PastRun> runs = runs(proof, run, last, since);
          proveAsRows(proof, runs, ids, context.spark(), new RowPrinter(context.out(), form));
        } else if (run != null) {
          prove(proof, List.of(proof.named(run)), context.out(), ids);
        } else if (since == null) {
          proveLast(proof, last, context.out(), ids);
        } else {
          proveSince(proof, Instant.now().minus(since), context.out(), ids);
        }
      } finally {
        progress.close();
      }
    };
  }

  private static List<PastRun> runs(Proof proof, String run, long last, Duration since) {
    if (run != null) {
      return List.of(proof.named(run));
    }
    return since == null ? proof.last(last) : proof.since(Instant.now().minus(since));
  }

  /** Proves these runs, and then prints all results. */
  static void proveAsRows(
      Proof proof, List<PastRun> runs, boolean ids, SparkSession spark, RowPrinter printer)
      throws IOException {
    List<ProofReport> reports = runs.stream().map(proof::prove).toList();
    printer.print(ProofRows.of(spark, reports, ids));
    requireProven(reports.stream().filter(ProofReport::isRefuted).count(), runs);
  }

  /**
   * Proves the newest runs, as {@link #prove}.
   *
   * @param most how many runs; fewer if the history has fewer
   * @param ids whether to list the sessions that differ
   */
  public static void proveLast(Proof proof, long most, PrintStream out, boolean ids) {
    List<PastRun> runs = proof.last(most);
    if (runs.size() < most) {
      printExpired(proof, out);
    }
    if (runs.isEmpty() && proof.begin().isEmpty()) {
      out.println("nothing to prove: no run has published anything yet");
    }
    prove(proof, runs, out, ids);
  }

  /** Proves the runs that published at this time or later, as {@link #prove}. */
  public static void proveSince(Proof proof, Instant from, PrintStream out, boolean ids) {
    List<PastRun> runs = proof.since(from);
    if (proof.begin().filter(from::isBefore).isPresent()) {
      printExpired(proof, out);
    } else if (runs.isEmpty()) {
      out.println("nothing to prove: no run has published anything since " + from);
    }
    prove(proof, runs, out, ids);
  }

  private static void printExpired(Proof proof, PrintStream out) {
    proof
        .begin()
        .ifPresent(
            begin ->
                out.printf(
                    "not provable any more: runs before %s, whose snapshots expired%n", begin));
  }

  /**
   * Proves these runs one by one and prints each result at once. A run without a source for a
   * replay is only reported: nothing shows that it is wrong.
   *
   * @throws Failure of broken invariants, if a run differs from its replay
   */
  public static void prove(Proof proof, List<PastRun> runs, PrintStream out, boolean ids) {
    int proven = 0;
    int refuted = 0;
    for (PastRun run : runs) {
      ProofReport report = proof.prove(run);
      print(report, out, ids);
      proven += report.isProven() ? 1 : 0;
      refuted += report.isRefuted() ? 1 : 0;
    }
    printExternalCommits(runs, out);
    requireProven(refuted, runs);
    if (proven < runs.size()) {
      out.printf(
          "%d of %d runs are proven, and the others are not provable%n", proven, runs.size());
    }
  }

  private static void requireProven(long refuted, List<PastRun> runs) {
    if (refuted > 0) {
      throw Failure.broken(
          "%d of %d runs are not proven: see above. If Kafka still has the records of a run,"
              + " backfill its offsets.",
          refuted, runs.size());
    }
  }

  private static void print(ProofReport report, PrintStream out, boolean ids) {
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
    if (!report.differences().isEmpty() && !ids) {
      out.printf(
          "  %d%s sessions differ: audit prove without --no-ids lists them%n",
          report.differences().size(), report.more() ? " or more" : "");
    } else if (!report.differences().isEmpty()) {
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
    String why = "(" + report.reason() + ")";
    String from =
        switch (report.evidence()) {
          case KAFKA -> "from Kafka";
          case REJECTED_RECORDS -> "from rejected records " + why;
          case STORED_EVENTS -> "from stored events " + why;
          case NONE, EXPIRED -> why;
        };
    if (report.isRefuted()) {
      return "NOT PROVEN " + from;
    }
    return (report.isProven()
            ? "proven "
            : report.evidence() == Evidence.EXPIRED ? "not provable any more " : "not provable ")
        + from;
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

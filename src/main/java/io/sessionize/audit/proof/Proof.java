package io.sessionize.audit.proof;

import io.sessionize.Failure;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.history.PastRows;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Replays past runs from their bases and their Kafka records, and compares the result with what
 * they published and with the current tables. Writes nothing. Its limits: {@code
 * docs/audits-prove.md}.
 */
public final class Proof {
  private static final int MOST = 20;

  private final String table;
  private final History history;
  private final List<PastRun> runs;
  private final BatchReplay batches;
  private final ExternalChanges externalChanges;

  /**
   * @param given returns the rules to use, from the rules recorded with a run
   * @param source the topics that the runs read
   * @throws Failure of usage, if this job has no tables; unreachable, if Kafka does not answer
   */
  public Proof(
      SparkSession spark, TableNames names, UnaryOperator<Rules> given, KafkaReadOptions source) {
    SessionTables tables = new SessionTables(spark, names);
    table = names.table();
    history = new History(tables);
    PastRows rows = new PastRows(spark, tables);
    runs = PastRun.of(history);
    batches = new BatchReplay(spark, tables, history, rows, given, source);
    externalChanges = new ExternalChanges(history, rows, tables.schemas());
  }

  /** The newest runs, the newest first; fewer if the history has fewer. */
  public List<PastRun> last(long most) {
    return runs.stream().limit(most).toList();
  }

  /** The runs that published at this time or later, the newest first. */
  public List<PastRun> since(Instant from) {
    return runs.stream().filter(run -> !run.time().isBefore(from)).toList();
  }

  /** When the kept history begins; empty if it is whole. */
  public Optional<Instant> begin() {
    return history.hasExpired() ? Optional.of(history.commits().get(0).at()) : Optional.empty();
  }

  /**
   * Finds one run.
   *
   * @param text its id, or that of one of its snapshots of the sessions table
   * @throws Failure of usage, if there is none
   */
  public PastRun named(String text) {
    return runs.stream()
        .filter(run -> run.is(text))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "The history of %s has no run or snapshot of a run %s: it holds %d runs%s.",
                    table,
                    text,
                    runs.size(),
                    runs.isEmpty() ? "" : ", the newest in snapshot " + runs.get(0).snapshot()));
  }

  /**
   * Replays one run and compares. Runs Spark jobs.
   *
   * @throws Failure of usage, if the run used other rules or another topic
   */
  public ProofReport prove(PastRun run) {
    Evidence evidence = Evidence.KAFKA;
    String reason = "";
    long sessions = 0;
    Findings findings = new Findings();
    for (Commit batch : run.batches()) {
      try (Replayed made = batches.replay(batch)) {
        if (made.evidence().compareTo(evidence) > 0) {
          evidence = made.evidence();
          reason = made.reason();
        }
        if (!made.evidence().isMissing()) {
          sessions += made.sessions();
          findings.add(batch, made.differences(run.staging().get(batch.id())));
          findings.add(batch, externalChanges.altered(batch, made.published(), made.days()));
        }
      }
    }
    run.following()
        .forEach(other -> findings.add(run.last(), List.of(externalChanges.added(other))));
    if (run.equals(runs.get(0))) {
      findings.add(run.last(), externalChanges.open());
    }
    return new ProofReport(run, evidence, reason, sessions, findings.first(), findings.more());
  }

  /** The first differences. */
  private static final class Findings {
    private final List<Difference> found = new ArrayList<>();

    void add(Commit batch, Collection<Dataset<Row>> differences) {
      for (Dataset<Row> some : differences) {
        // One more than is shown, to know whether there are more.
        int room = MOST + 1 - found.size();
        if (room > 0) {
          some.orderBy("session_id", "what").limit(room).collectAsList().stream()
              .map(row -> new Difference(batch.id(), row.getString(0), row.getString(1)))
              .forEach(found::add);
        }
      }
    }

    List<Difference> first() {
      return found.stream().limit(MOST).collect(Collectors.toUnmodifiableList());
    }

    boolean more() {
      return found.size() > MOST;
    }
  }
}

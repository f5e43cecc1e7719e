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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Recomputes past runs from the snapshots before them and their Kafka offsets, and compares with
 * what they published and with what stands today. Writes nothing. What it shows, and what it
 * cannot: {@code docs/audits-prove.md}.
 */
public final class Proof {
  private static final int MOST = 20;

  private final String table;
  private final History history;
  private final List<PastRun> runs;
  private final BatchReplay batches;
  private final ExternalChanges standing;

  /**
   * @param given the rules recorded with a run to those given now
   * @param source of the topic that the runs have read
   * @throws Failure of usage, where there are no tables of ours; unreachable, where Kafka is
   */
  public Proof(
      SparkSession spark, TableNames names, UnaryOperator<Rules> given, KafkaReadOptions source) {
    SessionTables tables = new SessionTables(spark, names);
    table = names.table();
    history = new History(tables);
    PastRows rows = new PastRows(spark, tables);
    runs = PastRun.of(history);
    batches = new BatchReplay(spark, tables, history, rows, given, source);
    standing = new ExternalChanges(history, rows);
  }

  /** The newest runs, the newest first; fewer where the history has fewer. */
  public List<PastRun> last(long most) {
    return runs.stream().limit(most).toList();
  }

  /**
   * One run.
   *
   * @param text its id, or that of one of its snapshots of the sessions table
   * @throws Failure of usage, where there is none
   */
  public PastRun named(String text) {
    return runs.stream()
        .filter(run -> run.is(text))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "No run of ours in the history of %s is, or has published, %s: it holds %d runs%s.",
                    table,
                    text,
                    runs.size(),
                    runs.isEmpty() ? "" : ", the newest in snapshot " + runs.get(0).snapshot()));
  }

  /**
   * Proves one run.
   *
   * @throws Failure of usage, where other rules or another topic made it
   */
  public ProofReport prove(PastRun run) {
    Evidence evidence = Evidence.KAFKA;
    String reason = "";
    long sessions = 0;
    Findings findings = new Findings();
    for (Commit batch : run.batches()) {
      try (BatchReplay.Replayed made = batches.redo(batch)) {
        if (made.evidence().compareTo(evidence) > 0) {
          evidence = made.evidence();
          reason = made.reason();
        }
        if (made.evidence() != Evidence.NONE) {
          sessions += made.sessions();
          findings.add(batch, made.differences(run.staging().get(batch.id())));
          findings.add(batch, standing.altered(batch, made.published(), made.days()));
        }
      }
    }
    run.following().forEach(other -> findings.add(run.last(), List.of(standing.added(other))));
    if (run.equals(runs.get(0))) {
      findings.add(run.last(), standing.open());
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

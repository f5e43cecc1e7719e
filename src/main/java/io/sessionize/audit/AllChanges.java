package io.sessionize.audit;

import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.col;

import io.sessionize.history.ChangedRows;
import io.sessionize.history.ChangedRows.Step;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The changes of all commits of the sessions table that are kept, as a temporary view. The cost of
 * reading it grows with the changes, not with the table.
 */
public final class AllChanges implements AutoCloseable {
  /** The name of the view. */
  public static final String VIEW = "sessionize_changes";

  private final ChangedRows changedRows;
  private final Dataset<Row> changes;

  /**
   * Creates the view with the columns {@code step} (number of the commit), {@code change} (added,
   * removed, changed), {@code session_id, uuid}, {@code before} and {@code after} (whole rows, null
   * if the session did not or does not exist), and those of {@link Diff#rows} from {@code paired}
   * on.
   */
  public AllChanges(SparkSession spark, SessionTables tables, History history) {
    List<Step> steps = new ArrayList<>();
    List<Commit> causes = new ArrayList<>();
    for (Commit commit : history.commits()) {
      if (!commit.movesOnly() && (commit.parent().isEmpty() || history.holdsParentOf(commit))) {
        steps.add(new Step(commit.parent().orElse(null), commit.id()));
        causes.add(commit);
      }
    }
    changedRows = new ChangedRows(spark, tables);
    changes = SessionChanges.of(changedRows.of(steps, Expressions.alwaysTrue())).persist();
    Dataset<Row> withSteps =
        SessionChanges.withPairs(changes).withColumn(Causes.CAUSE_STEP, col(STEP));
    Causes.join(withSteps, causes)
        .withColumn("change", SessionChanges.kind())
        .select(Causes.after(STEP, "change", "session_id", "uuid", "before", "after", "paired"))
        .createOrReplaceTempView(VIEW);
  }

  @Override
  public void close() {
    changes.sparkSession().catalog().dropTempView(VIEW);
    changes.unpersist();
    changedRows.close();
  }
}

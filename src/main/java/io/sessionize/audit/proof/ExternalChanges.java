package io.sessionize.audit.proof;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.history.PastRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.table.Days;
import io.sessionize.table.RowKeys;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds rows that external commits changed after a run published them. Rows that a later Sessionize
 * commit changed are ignored. Reads nothing if there is no external commit.
 */
final class ExternalChanges {
  private final History history;
  private final PastRows rows;
  private final RowSchemas schemas;
  private final List<Commit> sessions;

  /**
   * @param schemas columns that are compared
   */
  ExternalChanges(History history, PastRows rows, RowSchemas schemas) {
    this.history = history;
    this.rows = rows;
    this.schemas = schemas;
    this.sessions = history.commits();
  }

  /**
   * The rows of a batch that external commits changed or removed.
   *
   * @param batch its commit of the sessions table
   * @param published keys of the rows that the batch added or changed
   * @param days UTC days of these rows
   * @return none, or one table of {@code session_id} and {@code what}
   */
  List<Dataset<Row>> altered(Commit batch, Dataset<Row> published, Collection<LocalDate> days) {
    List<Commit> external = externalAfter(batch.id());
    return external.isEmpty() || days.isEmpty()
        ? List.of()
        : List.of(altered(batch.id(), external, published, Days.startingOn(days)));
  }

  /** The rows that an external commit added and that no run changed since. */
  Dataset<Row> added(Commit other) {
    Column touched = rows.changedBy(other, new TreeSet<>());
    Dataset<Row> keys =
        RowKeys.without(
            rows.sessions(other.id()).where(touched),
            rows.sessions(other.parent().orElseThrow()).where(touched));
    List<Commit> external = new ArrayList<>(List.of(other));
    external.addAll(externalAfter(other.id()));
    return altered(
        other.parent().orElseThrow(), external, keys.select("uuid", "session_id"), touched);
  }

  /** The rows of staging that external commits changed since the last run. */
  List<Dataset<Row>> open() {
    List<Commit> commits = history.staging();
    int last = commits.size() - 1;
    List<Commit> external = new ArrayList<>();
    while (last >= 0 && commits.get(last).summary().isEmpty()) {
      if (commits.get(last).isExternal()) {
        external.add(commits.get(last));
      }
      last--;
    }
    if (external.isEmpty() || last < 0) {
      return List.of();
    }
    return List.of(
        RowDifferences.between(
            open(commits.get(last).id()),
            open(commits.get(commits.size() - 1).id()),
            "staging today, changed by " + text(external.get(0))));
  }

  private Dataset<Row> open(long snapshot) {
    return rows.open(snapshot).select(SessionRows.columns(schemas.open()));
  }

  private List<Commit> externalAfter(long snapshot) {
    List<Long> ids = sessions.stream().map(Commit::id).toList();
    return sessions.subList(ids.indexOf(snapshot) + 1, sessions.size()).stream()
        .filter(Commit::isExternal)
        .toList();
  }

  /**
   * Compares the rows before and after each external commit. Between two external commits are only
   * Sessionize commits: a row that differs there was restated and is ignored.
   */
  private Dataset<Row> altered(long since, List<Commit> external, Dataset<Row> keys, Column where) {
    List<Long> states = new ArrayList<>(List.of(since));
    for (Commit other : external) {
      states.add(other.parent().orElseThrow());
      states.add(other.id());
    }
    states.add(sessions.get(sessions.size() - 1).id());

    Dataset<Row> tagged =
        new TreeSet<>(states)
            .stream()
                .map(state -> tagged(sessions(state).where(where), keys, state))
                .reduce(Dataset::union)
                .orElseThrow();
    List<Column> each = new ArrayList<>();
    states.forEach(state -> each.add(RowDifferences.rows(lit(state))));
    Column restated = lit(false);
    List<Column> causes = new ArrayList<>();
    for (int i = 0; i < external.size(); i++) {
      Column before = at(2 * i + 1);
      restated = restated.or(not(at(2 * i).eqNullSafe(before)));
      Column changed = not(before.eqNullSafe(at(2 * i + 2)));
      causes.add(when(changed, text(external.get(i))));
    }
    Column first = at(0);
    Column today = at(states.size() - 1);
    restated = restated.or(not(at(states.size() - 2).eqNullSafe(today)));
    Column what =
        when(size(today).equalTo(0), "removed")
            .when(size(first).equalTo(0), "inserted")
            .otherwise(RowDifferences.differing(first, today, schemas.session().fieldNames()));
    return tagged
        .groupBy("uuid", "session_id")
        .agg(array(each.toArray(Column[]::new)).as("states"))
        .where(not(first.eqNullSafe(today)).and(not(restated)))
        .select(
            RowDifferences.id(),
            concat(lit("today: "), what, lit(" by "), coalesce(causes.toArray(Column[]::new)))
                .as("what"));
  }

  private Dataset<Row> sessions(long snapshot) {
    return rows.sessions(snapshot).select(SessionRows.columns(schemas.session()));
  }

  private static Dataset<Row> tagged(Dataset<Row> rows, Dataset<Row> keys, long state) {
    return RowDifferences.tagged(RowKeys.only(rows, keys), lit(state));
  }

  private static Column at(int state) {
    return col("states").getItem(state);
  }

  static String text(Commit other) {
    return String.format(
        "external snapshot %d, %s (%s)", other.id(), other.at(), other.operation());
  }
}

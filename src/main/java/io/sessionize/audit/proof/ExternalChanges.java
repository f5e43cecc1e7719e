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
 * What others have made of our rows, as they stand today. A row that a run of ours has changed
 * since is that run's affair. Where nobody else has committed anything, nothing is read.
 */
final class ExternalChanges {
  private final History history;
  private final PastRows rows;
  private final List<Commit> sessions;

  ExternalChanges(History history, PastRows rows) {
    this.history = history;
    this.rows = rows;
    this.sessions = history.commits();
  }

  /**
   * Rows of a batch that others have changed or removed.
   *
   * @param batch its commit of the sessions table
   * @param published keys of the rows that it has added or changed
   * @param days UTC days under which they lie
   * @return none, or one table of {@code session_id} and {@code what}
   */
  List<Dataset<Row>> altered(Commit batch, Dataset<Row> published, Collection<LocalDate> days) {
    List<Commit> others = othersAfter(batch.id());
    return others.isEmpty() || days.isEmpty()
        ? List.of()
        : List.of(altered(batch.id(), others, published, Days.startingOn(days)));
  }

  /** Rows that another's commit has added, and that no run has changed since. */
  Dataset<Row> added(Commit other) {
    Column touched = rows.changedBy(other, new TreeSet<>());
    Dataset<Row> keys =
        RowKeys.without(
            rows.sessions(other.id()).where(touched),
            rows.sessions(other.parent().orElseThrow()).where(touched));
    List<Commit> others = new ArrayList<>(List.of(other));
    others.addAll(othersAfter(other.id()));
    return altered(
        other.parent().orElseThrow(), others, keys.select("uuid", "session_id"), touched);
  }

  /** What others have made of staging since the last run. */
  List<Dataset<Row>> open() {
    List<Commit> commits = history.staging();
    int last = commits.size() - 1;
    List<Commit> others = new ArrayList<>();
    while (last >= 0 && commits.get(last).summary().isEmpty()) {
      if (commits.get(last).isExternal()) {
        others.add(commits.get(last));
      }
      last--;
    }
    if (others.isEmpty() || last < 0) {
      return List.of();
    }
    return List.of(
        RowDifferences.between(
            rows.open(commits.get(last).id()),
            rows.open(commits.get(commits.size() - 1).id()),
            "staging today, changed by " + text(others.get(0))));
  }

  private List<Commit> othersAfter(long snapshot) {
    List<Long> ids = sessions.stream().map(Commit::id).toList();
    return sessions.subList(ids.indexOf(snapshot) + 1, sessions.size()).stream()
        .filter(Commit::isExternal)
        .toList();
  }

  /**
   * Looks at the rows before and after each commit of others. Between these lie commits of ours: a
   * row that is not the same before and after them was restated.
   */
  private Dataset<Row> altered(long since, List<Commit> others, Dataset<Row> keys, Column where) {
    List<Long> states = new ArrayList<>(List.of(since));
    for (Commit other : others) {
      states.add(other.parent().orElseThrow());
      states.add(other.id());
    }
    states.add(sessions.get(sessions.size() - 1).id());

    Dataset<Row> tagged =
        new TreeSet<>(states)
            .stream()
                .map(state -> tagged(rows.sessions(state).where(where), keys, state))
                .reduce(Dataset::union)
                .orElseThrow();
    List<Column> each = new ArrayList<>();
    states.forEach(state -> each.add(RowDifferences.rows(lit(state))));
    Column restated = lit(false);
    List<Column> makers = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      Column before = at(2 * i + 1);
      restated = restated.or(not(at(2 * i).eqNullSafe(before)));
      Column changed = not(before.eqNullSafe(at(2 * i + 2)));
      makers.add(when(changed, text(others.get(i))));
    }
    Column first = at(0);
    Column today = at(states.size() - 1);
    restated = restated.or(not(at(states.size() - 2).eqNullSafe(today)));
    Column what =
        when(size(today).equalTo(0), "removed")
            .when(size(first).equalTo(0), "made by no run, but added")
            .otherwise(RowDifferences.differing(first, today, SessionRows.SESSION.fieldNames()));
    return tagged
        .groupBy("uuid", "session_id")
        .agg(array(each.toArray(Column[]::new)).as("states"))
        .where(not(first.eqNullSafe(today)).and(not(restated)))
        .select(
            RowDifferences.id(),
            concat(lit("today: "), what, lit(" by "), coalesce(makers.toArray(Column[]::new)))
                .as("what"));
  }

  private static Dataset<Row> tagged(Dataset<Row> rows, Dataset<Row> keys, long state) {
    return RowDifferences.tagged(RowKeys.only(rows, keys), lit(state));
  }

  private static Column at(int state) {
    return col("states").getItem(state);
  }

  static String text(Commit other) {
    return String.format(
        "snapshot %d of others, %s (%s)", other.id(), other.at(), other.operation());
  }
}

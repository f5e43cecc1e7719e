package io.sessionize.table;

import io.sessionize.column.ColumnIntake;
import io.sessionize.column.RecordedColumns;
import io.sessionize.event.Definitions;
import io.sessionize.event.GivenDefinition;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Table;

/**
 * Takes a definition and session columns into the sessions table and the staging table. The staging
 * table decides about their numbers, so it comes first.
 *
 * @param start summary of the first commit of new tables
 * @param given definition
 * @param columns session columns
 */
record Intake(RunSummary start, GivenDefinition given, ColumnIntake columns) {

  /**
   * Checks that tables can take them in. Changes nothing.
   *
   * @throws io.sessionize.Failure of usage, if they cannot
   */
  void require(
      TableDefinition sessionsDefinition,
      Optional<Table> sessions,
      TableDefinition openDefinition,
      Optional<Table> open) {
    Recorded due = due(open, open.map(Recorded::in).orElse(Recorded.NONE));
    open.ifPresent(table -> openDefinition.requireFree(table, due));
    sessions.ifPresent(table -> sessionsDefinition.requireFree(table, due));
  }

  /**
   * Takes them in.
   *
   * @throws io.sessionize.Failure of usage, if the tables cannot take them in
   */
  void execute(
      TableDefinition sessionsDefinition,
      Table sessions,
      TableDefinition openDefinition,
      Table open) {
    require(sessionsDefinition, Optional.of(sessions), openDefinition, Optional.of(open));
    openDefinition.upgrade(open, recorded -> due(Optional.of(open), recorded));
    Recorded taken = Recorded.in(open);
    sessionsDefinition.upgrade(sessions, own -> taken);
  }

  private Recorded due(Optional<Table> open, Recorded recorded) {
    Progress progress = open.flatMap(Lineage::summary).orElse(start).requireProgress();
    Set<String> topics = progress.topics().keySet();
    Definitions known = recorded.definitions();
    boolean isNew = open.map(Table::currentSnapshot).isEmpty();
    Definitions definitions =
        known.isEmpty() && isNew
            ? given.first(topics)
            : given.takenInto(
                known.isEmpty() ? Definitions.builtIn(topics) : known, topics, progress.hasRead());
    RecordedColumns taken =
        columns.apply(recorded.columns(), definitions.properties(), progress.hasRead());
    return new Recorded(definitions, taken);
  }
}

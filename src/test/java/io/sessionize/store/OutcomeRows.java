package io.sessionize.store;

import io.sessionize.session.Outcome;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;

/** What a batch writes, as Spark hands it out. */
final class OutcomeRows {
  private OutcomeRows() {}

  static Row of(Outcome outcome) {
    return (Row)
        CatalystTypeConverters.createToScalaConverter(SessionRows.OUTCOME)
            .apply(new OutcomeRowWriter().write(outcome));
  }
}

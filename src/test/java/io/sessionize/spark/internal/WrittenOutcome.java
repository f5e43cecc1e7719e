package io.sessionize.spark.internal;

import io.sessionize.row.OutcomeRows;
import io.sessionize.session.Outcome;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;

/** Converts a written outcome to an external Spark row. */
public final class WrittenOutcome {
  private WrittenOutcome() {}

  public static Row of(Outcome outcome) {
    return (Row)
        CatalystTypeConverters.createToScalaConverter(OutcomeRows.OUTCOME)
            .apply(new OutcomeRowWriter().write(outcome));
  }
}

package io.sessionize.row;

import io.sessionize.session.Outcome;
import io.sessionize.spark.internal.OutcomeRowWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;

/** What a batch writes, as Spark hands it out. */
public final class WrittenOutcome {
  private WrittenOutcome() {}

  public static Row of(Outcome outcome) {
    return (Row)
        CatalystTypeConverters.createToScalaConverter(OutcomeRows.OUTCOME)
            .apply(new OutcomeRowWriter().write(outcome));
  }
}

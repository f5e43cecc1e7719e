package io.sessionize.spark.internal;

import io.sessionize.row.OutcomeRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Outcome;
import io.sessionize.testing.TestSpark;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;

/** Converts a written outcome to an external Spark row. */
public final class WrittenOutcome {
  private WrittenOutcome() {}

  public static Row of(Outcome outcome) {
    return (Row)
        CatalystTypeConverters.createToScalaConverter(OutcomeRows.OUTCOME)
            .apply(new OutcomeRowWriter(RowSchemas.PLAIN).write(outcome));
  }

  /** Writes outcomes, in the order of the list in one partition. */
  public static InternalRows all(List<Outcome> outcomes) {
    return all(outcomes, 1);
  }

  /** Writes outcomes to so many partitions. */
  public static InternalRows all(List<Outcome> outcomes, int partitions) {
    List<InternalRow> rows =
        outcomes.stream()
            .map(outcome -> new OutcomeRowWriter(RowSchemas.PLAIN).write(outcome).copy())
            .toList();
    return new InternalRows(
        new JavaSparkContext(TestSpark.session().sparkContext())
            .parallelize(new ArrayList<>(rows), partitions));
  }
}

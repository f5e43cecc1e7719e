package io.sessionize.spark.internal;

import io.sessionize.session.Outcome;
import java.util.Iterator;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SerializeFromObject;
import org.apache.spark.sql.execution.CommandExecutionMode;
import org.apache.spark.sql.types.ObjectType;

/**
 * Computes outcomes user by user and writes them with {@link OutcomeRowWriter}. A {@code cogroup}
 * that returns {@link Row} would run Spark's generated encoder. For nested events that code is so
 * long that a cold process interprets it for seconds.
 */
public final class OutcomeCogroup {
  private static final ObjectType OBJECT = new ObjectType(InternalRow.class);

  private OutcomeCogroup() {}

  /**
   * Groups both sides by {@code uuid} and applies the function to each user. Lazy.
   *
   * @return rows of {@link io.sessionize.row.OutcomeRows#OUTCOME}
   */
  public static InternalRows apply(
      Dataset<Row> left,
      Dataset<Row> right,
      CoGroupFunction<String, Row, Row, Outcome> outcomesOfUser) {
    Dataset<InternalRow> written =
        left.groupBy("uuid")
            .as(Encoders.STRING(), Encoders.row(left.schema()))
            .cogroup(
                right.groupBy("uuid").as(Encoders.STRING(), Encoders.row(right.schema())),
                new Writing(outcomesOfUser),
                // Never executed: the plan below ends before this encoder.
                Encoders.kryo(InternalRow.class));
    LogicalPlan objects = ((SerializeFromObject) written.queryExecution().analyzed()).child();
    return new InternalRows(
        left.sparkSession()
            .sessionState()
            .executePlan(objects, CommandExecutionMode.ALL())
            .toRdd()
            .toJavaRDD()
            .map(object -> (InternalRow) object.get(0, OBJECT)));
  }

  /** Writes the outcomes of one user, each into the same mutable row. */
  private static final class Writing implements CoGroupFunction<String, Row, Row, InternalRow> {
    private static final long serialVersionUID = 1L;

    private final CoGroupFunction<String, Row, Row, Outcome> outcomes;
    private transient OutcomeRowWriter writer;

    Writing(CoGroupFunction<String, Row, Row, Outcome> outcomes) {
      this.outcomes = outcomes;
    }

    @Override
    public Iterator<InternalRow> call(String uuid, Iterator<Row> left, Iterator<Row> right)
        throws Exception {
      if (writer == null) {
        writer = new OutcomeRowWriter();
      }
      Iterator<Outcome> made = outcomes.call(uuid, left, right);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return made.hasNext();
        }

        @Override
        public InternalRow next() {
          return writer.write(made.next());
        }
      };
    }
  }
}

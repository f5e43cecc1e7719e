package io.sessionize.spark.internal;

import java.io.Serializable;
import java.util.Iterator;
import java.util.function.ToLongFunction;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.util.MutablePair;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Moves rows to other tasks by a key. It is the shuffle of Spark's RDDs with the row format of its
 * SQL engine: an exchange of the SQL engine compiles code for each set of columns.
 *
 * <p>Rows may share one mutable object: with this format, Spark's own shuffle writes each row
 * before it takes the next one.
 */
final class RowShuffle {
  private final ShuffledRDD<Integer, InternalRow, InternalRow> shuffled;

  /** Computes the key of a row. Rows of one key go to one task. */
  interface Key extends ToLongFunction<InternalRow>, Serializable {}

  /**
   * A shuffle. Lazy.
   *
   * @param rows {@code UnsafeRow}
   * @param columns their number
   * @param tasks how many partitions the shuffled rows have
   */
  RowShuffle(JavaRDD<InternalRow> rows, int columns, Key key, int tasks) {
    ClassTag<Integer> task = ClassTag$.MODULE$.apply(Integer.class);
    ClassTag<InternalRow> row = ClassTag$.MODULE$.apply(InternalRow.class);
    this.shuffled =
        new ShuffledRDD<Integer, InternalRow, InternalRow>(
                rows.mapPartitions(some -> new Keyed(some, key, tasks)).rdd(),
                new ByTask(tasks),
                task,
                row,
                row)
            .setSerializer(new UnsafeRowSerializer(columns, null));
  }

  /** The rows after the shuffle, each in the same mutable row. */
  InternalRows rows() {
    return new InternalRows(shuffled.toJavaRDD().map(pair -> pair._2));
  }

  /** What the tasks that write the shuffle's files depend on. */
  @SuppressWarnings("unchecked")
  ShuffleDependency<Integer, InternalRow, InternalRow> dependency() {
    return (ShuffleDependency<Integer, InternalRow, InternalRow>) shuffled.dependencies().head();
  }

  /** Rows with the number of their task, each in the same mutable pair. */
  private static final class Keyed implements Iterator<MutablePair<Integer, InternalRow>> {
    private final Iterator<InternalRow> rows;
    private final Key key;
    private final int tasks;
    private final MutablePair<Integer, InternalRow> pair = new MutablePair<>();

    Keyed(Iterator<InternalRow> rows, Key key, int tasks) {
      this.rows = rows;
      this.key = key;
      this.tasks = tasks;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public MutablePair<Integer, InternalRow> next() {
      InternalRow row = rows.next();
      return pair.update(Math.floorMod(key.applyAsLong(row), tasks), row);
    }
  }

  /** A pair has the number of its task as its key. */
  private static final class ByTask extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int tasks;

    ByTask(int tasks) {
      this.tasks = tasks;
    }

    @Override
    public int numPartitions() {
      return tasks;
    }

    @Override
    public int getPartition(Object task) {
      return (Integer) task;
    }
  }
}

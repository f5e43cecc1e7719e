package io.sessionize.spark;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Counts the rows that all Spark jobs of a process have read from tables. The count grows when a
 * task ends.
 */
public final class RowsReadListener extends SparkListener {
  private final LongConsumer listener;
  private final AtomicLong rows = new AtomicLong();

  /**
   * @param listener called with the count after each task, in a thread of Spark
   */
  public RowsReadListener(LongConsumer listener) {
    this.listener = listener;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskMetrics() != null) {
      listener.accept(rows.addAndGet(task.taskMetrics().inputMetrics().recordsRead()));
    }
  }
}

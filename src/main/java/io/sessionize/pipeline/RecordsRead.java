package io.sessionize.pipeline;

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.execution.SQLExecution;
import scala.collection.JavaConverters;

/**
 * Counts the records that the batches of a process have read from Kafka, while they read. In a
 * process of its own Spark tells of a task when it has ended; of executors' tasks, with their
 * heartbeats.
 */
public final class RecordsRead extends SparkListener {
  /** The description of the Spark jobs that read. */
  static final String DESCRIPTION = "sessionize: read and decode";

  /** Where Spark keeps a job's description. */
  static final String JOB_DESCRIPTION = "spark.job.description";

  private static final String RECORDS_READ = "internal.metrics.input.recordsRead";

  private final LongConsumer listener;
  private final Set<String> queries = ConcurrentHashMap.newKeySet();
  private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> byTask = new ConcurrentHashMap<>();

  /**
   * @param listener told the count now and then, from a thread of Spark's
   */
  public RecordsRead(LongConsumer listener) {
    this.listener = listener;
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted stage) {
    Properties properties = stage.properties();
    // The first stage of a query reads and keeps; those after it read what was kept.
    if (properties != null
        && DESCRIPTION.equals(properties.getProperty(JOB_DESCRIPTION))
        && queries.add(properties.getProperty(SQLExecution.EXECUTION_ID_KEY()))) {
      stages.add(stage.stageInfo().stageId());
    }
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    JavaConverters.seqAsJavaList(update.accumUpdates())
        .forEach(
            task -> {
              for (AccumulableInfo metric : JavaConverters.seqAsJavaList(task._4())) {
                if (isRecordsRead(metric)) {
                  count((Long) task._1(), (Integer) task._2(), (Long) metric.update().get());
                }
              }
            });
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskMetrics() != null) {
      count(
          task.taskInfo().taskId(),
          task.stageId(),
          task.taskMetrics().inputMetrics().recordsRead());
    }
  }

  private static boolean isRecordsRead(AccumulableInfo metric) {
    return metric.name().isDefined()
        && metric.name().get().equals(RECORDS_READ)
        && metric.update().isDefined();
  }

  private void count(long task, int stage, long records) {
    if (stages.contains(stage)) {
      byTask.merge(task, records, Math::max);
      listener.accept(byTask.values().stream().mapToLong(Long::longValue).sum());
    }
  }
}

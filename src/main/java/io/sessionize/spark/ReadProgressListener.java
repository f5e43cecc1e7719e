package io.sessionize.spark;

import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Counts the records that the batches of a process have read from Kafka. The count grows when a
 * task ends: in local mode, Spark does not report the metrics of running tasks.
 */
public final class ReadProgressListener extends SparkListener {
  /** Description of the Spark jobs that read records. */
  static final String DESCRIPTION = "sessionize: read and decode";

  /** Spark's property for the description of a job. */
  static final String JOB_DESCRIPTION = "spark.job.description";

  private final LongConsumer listener;
  private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
  private final AtomicLong records = new AtomicLong();

  /**
   * @param listener called with the count after each task, in a thread of Spark
   */
  public ReadProgressListener(LongConsumer listener) {
    this.listener = listener;
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted stage) {
    Properties properties = stage.properties();
    if (properties != null && DESCRIPTION.equals(properties.getProperty(JOB_DESCRIPTION))) {
      stages.add(stage.stageInfo().stageId());
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    if (stages.contains(task.stageId()) && task.taskInfo().successful()) {
      listener.accept(records.addAndGet(task.taskMetrics().inputMetrics().recordsRead()));
    }
  }
}

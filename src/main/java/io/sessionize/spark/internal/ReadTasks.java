package io.sessionize.spark.internal;

import io.sessionize.job.ReadStats;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.CollectionAccumulator;

/** What the tasks that read the records of a batch find on the way: counts, and few late events. */
final class ReadTasks {
  private final CollectionAccumulator<OfTask> found;

  /** One for each task, after all have ended. */
  private Map<Integer, OfTask> once = Map.of();

  /**
   * What one task has found.
   *
   * @param late its late events; null if they are many
   */
  private record OfTask(int partition, ReadStats stats, List<LateEvent> late)
      implements Serializable {}

  /** Decodes what a task reads. */
  interface Decoding<T> extends Serializable {
    CountedRows decode(Iterator<T> read);
  }

  ReadTasks(SparkContext context) {
    this.found = context.collectionAccumulator();
  }

  /** The decoded rows, which are counted when they are read. */
  <T> JavaRDD<InternalRow> counting(
      JavaRDD<T> records,
      Decoding<T> decoding,
      List<Partition> partitions,
      long lateBeforeMs,
      long runTimeMs) {
    CollectionAccumulator<OfTask> to = found;
    return records.mapPartitions(
        some ->
            new CountingRows(
                decoding.decode(some),
                partitions,
                lateBeforeMs,
                runTimeMs,
                (stats, late) -> to.add(new OfTask(TaskContext.getPartitionId(), stats, late))));
  }

  /**
   * The counts of all tasks, after all have ended.
   *
   * @param tasks their number
   */
  ReadStats counted(int tasks) {
    // A task that is retried reads the same offsets and finds the same.
    once = new TreeMap<>();
    found.value().forEach(task -> once.put(task.partition(), task));
    if (once.size() != tasks) {
      // Spark only logs an accumulator update that it could not apply.
      throw new IllegalStateException(
          String.format(
              "Statistics arrived from %d of %d tasks: the batch stops, since late events could be"
                  + " missed.",
              once.size(), tasks));
    }
    return once.values().stream().map(OfTask::stats).reduce(ReadStats.NOTHING, ReadStats::plus);
  }

  /** The late events of all tasks; empty if a task has many, or not all have ended. */
  Optional<List<LateEvent>> lateEvents() {
    if (once.isEmpty() || once.values().stream().anyMatch(task -> task.late == null)) {
      return Optional.empty();
    }
    List<LateEvent> all = new ArrayList<>();
    once.values().forEach(task -> all.addAll(task.late));
    return Optional.of(all);
  }
}

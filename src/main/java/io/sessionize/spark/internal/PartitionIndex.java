package io.sessionize.spark.internal;

import io.sessionize.session.Partition;
import java.util.List;
import org.apache.spark.unsafe.types.UTF8String;

/** Finds the index of a record's partition. A task reads each partition's records in a row. */
final class PartitionIndex {
  private final List<Partition> partitions;
  private UTF8String name;
  private Partition last;
  private int index;

  PartitionIndex(List<Partition> partitions) {
    this.partitions = partitions;
  }

  /**
   * The index of a partition. All others have the one after the last: a rejected record that is
   * decoded again may be of a topic that the tables no longer read.
   */
  int of(UTF8String topic, int number) {
    if (last == null || last.number() != number || !topic.equals(name)) {
      // A copy: the row that holds the name is used again.
      name = topic.clone();
      last = new Partition(topic.toString(), number);
      int known = partitions.indexOf(last);
      index = known < 0 ? partitions.size() : known;
    }
    return index;
  }

  /** The topic of the partition that was found last. */
  String topic() {
    return last.topic();
  }
}

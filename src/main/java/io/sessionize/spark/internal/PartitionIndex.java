package io.sessionize.spark.internal;

import io.sessionize.session.Partition;
import java.util.List;

/** Finds the index of a record's partition. A task reads each partition's records in a row. */
final class PartitionIndex {
  private final List<Partition> partitions;
  private Partition last;
  private int index;

  PartitionIndex(List<Partition> partitions) {
    this.partitions = partitions;
  }

  /**
   * The index of a partition. All others have the one after the last: a rejected record that is
   * decoded again may be of a topic that the tables no longer read.
   */
  int of(String topic, int number) {
    if (last == null || last.number() != number || !topic.equals(last.topic())) {
      last = new Partition(topic, number);
      int known = partitions.indexOf(last);
      index = known < 0 ? partitions.size() : known;
    }
    return index;
  }
}

package io.sessionize.session;

import java.io.Serializable;
import java.util.Comparator;

/**
 * One partition of a Kafka topic.
 *
 * @param topic its name
 * @param number of the partition, from 0
 */
public record Partition(String topic, int number) implements Comparable<Partition>, Serializable {
  private static final Comparator<Partition> ORDER =
      Comparator.comparing(Partition::topic).thenComparingInt(Partition::number);

  @Override
  public int compareTo(Partition other) {
    return ORDER.compare(this, other);
  }

  /** {@code web:0}. */
  @Override
  public String toString() {
    return topic + ":" + number;
  }
}

package io.sessionize.source;

import io.sessionize.session.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads ranges of offsets with one consumer. The records of a partition are in order. Offsets
 * without a record are passed over: the ends of transactions, aborted records, and records that a
 * compaction removed.
 *
 * <p>{@link #hasNext} throws {@link OffsetOutOfRangeException} if Kafka does not have an offset of
 * a range, and {@link TimeoutException} if no record comes in time.
 */
public final class RangeReader implements Iterator<ConsumerRecord<byte[], byte[]>>, AutoCloseable {
  private final Map<String, String> settings;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;

  /** What is left of each range. */
  private final Map<TopicPartition, PartitionRange> left = new HashMap<>();

  private Iterator<ConsumerRecord<byte[], byte[]>> polled = Collections.emptyIterator();
  private boolean isClosed;

  /**
   * Takes a consumer, which {@link #close} keeps for other readers with the same settings.
   *
   * @param settings of the consumer
   * @param ranges at most one of each partition
   * @param patience how long to wait for a record
   */
  public RangeReader(
      Map<String, String> settings, Collection<PartitionRange> ranges, Duration patience) {
    this.settings = settings;
    this.patience = patience;
    for (PartitionRange range : ranges) {
      Partition partition = range.partition();
      left.put(new TopicPartition(partition.topic(), partition.number()), range);
    }
    this.consumer = IdleConsumers.take(settings);
    consumer.assign(left.keySet());
    left.forEach((partition, range) -> consumer.seek(partition, range.from()));
  }

  @Override
  public boolean hasNext() {
    while (!polled.hasNext()) {
      if (left.isEmpty()) {
        return false;
      }
      poll();
    }
    return true;
  }

  private void poll() {
    try {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(patience);
      polled = within(records).iterator();
      if (!advance() && records.isEmpty()) {
        throw new TimeoutException(silence());
      }
    } catch (OffsetOutOfRangeException e) {
      OffsetOutOfRangeException missing =
          new OffsetOutOfRangeException(
              "Kafka does not have the offsets " + e.offsetOutOfRangePartitions(),
              e.offsetOutOfRangePartitions());
      missing.initCause(e);
      throw missing;
    }
  }

  /** Returns the records before the ends of their ranges: a poll returns what the broker has. */
  private List<ConsumerRecord<byte[], byte[]>> within(ConsumerRecords<byte[], byte[]> records) {
    List<ConsumerRecord<byte[], byte[]>> within = new ArrayList<>(records.count());
    for (TopicPartition partition : records.partitions()) {
      long end = left.get(partition).to();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        if (record.offset() < end) {
          within.add(record);
        }
      }
    }
    return within;
  }

  /**
   * Updates what is left after a poll, and gives up the partitions whose ranges are read. A
   * position also passes offsets without a record, such as the end of a transaction.
   *
   * @return whether a position has changed
   */
  private boolean advance() {
    boolean isAdvanced = false;
    int before = left.size();
    for (Map.Entry<TopicPartition, PartitionRange> entry : List.copyOf(left.entrySet())) {
      TopicPartition partition = entry.getKey();
      PartitionRange range = entry.getValue();
      long position = consumer.position(partition, patience);
      isAdvanced |= position > range.from();
      if (position < range.to()) {
        left.put(partition, new PartitionRange(range.partition(), position, range.to()));
      } else {
        left.remove(partition);
      }
    }
    if (left.size() < before) {
      // What the consumer has read ahead of these partitions is dropped.
      consumer.assign(left.keySet());
    }
    return isAdvanced;
  }

  private String silence() {
    PartitionRange first = left.values().iterator().next();
    return String.format(
        "no record of partition %s from offset %d on within %d s; partitions not read to their ends: %d",
        first.partition(), first.from(), patience.toSeconds(), left.size());
  }

  @Override
  public ConsumerRecord<byte[], byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return polled.next();
  }

  /** Gives the consumer back, if all was read; otherwise closes it. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (left.isEmpty()) {
      IdleConsumers.keep(settings, consumer);
    } else {
      IdleConsumers.drop(settings, consumer);
    }
  }
}

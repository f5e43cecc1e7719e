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
 * without a record are passed over: those of transactions, and of records that a compaction
 * removed.
 *
 * <p>{@link #hasNext} throws {@link OffsetOutOfRangeException} if Kafka does not have an offset of
 * a range, and {@link TimeoutException} if no record comes in time.
 */
public final class RangeReader implements Iterator<ConsumerRecord<byte[], byte[]>>, AutoCloseable {
  private final Map<String, String> settings;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;

  /** The ranges that are not read to their ends, and where each is. */
  private final Map<TopicPartition, PartitionRange> open = new HashMap<>();

  private final Map<TopicPartition, Long> positions = new HashMap<>();
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
      open.put(new TopicPartition(partition.topic(), partition.number()), range);
    }
    this.consumer = IdleConsumers.take(settings);
    consumer.assign(open.keySet());
    open.forEach((partition, range) -> begin(partition, range.from()));
  }

  private void begin(TopicPartition partition, long from) {
    consumer.seek(partition, from);
    positions.put(partition, from);
  }

  @Override
  public boolean hasNext() {
    while (!polled.hasNext()) {
      if (open.isEmpty()) {
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
      // Without a record, the position may have passed the end of a transaction.
      boolean moved = !records.isEmpty();
      for (TopicPartition partition : moved ? records.partitions() : List.copyOf(open.keySet())) {
        moved |= moves(partition);
      }
      if (!moved) {
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

  private String silence() {
    Map.Entry<TopicPartition, Long> first = positions.entrySet().iterator().next();
    return String.format(
        "no record of %s from offset %d on within %d s (%d partitions)",
        first.getKey(), first.getValue(), patience.toSeconds(), positions.size());
  }

  /** A poll returns what the broker has, also beyond the end of a range. */
  private List<ConsumerRecord<byte[], byte[]>> within(ConsumerRecords<byte[], byte[]> records) {
    List<ConsumerRecord<byte[], byte[]>> within = new ArrayList<>(records.count());
    for (TopicPartition partition : records.partitions()) {
      long end = open.get(partition).to();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        if (record.offset() < end) {
          within.add(record);
        }
      }
    }
    return within;
  }

  /** Returns whether the position has changed. Pauses a partition whose range is read. */
  private boolean moves(TopicPartition partition) {
    long position = consumer.position(partition, patience);
    if (position >= open.get(partition).to()) {
      open.remove(partition);
      positions.remove(partition);
      consumer.pause(List.of(partition));
      return true;
    }
    return positions.put(partition, position) != position;
  }

  @Override
  public ConsumerRecord<byte[], byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return polled.next();
  }

  /** Gives the consumer back, if all was read. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (open.isEmpty()) {
      IdleConsumers.keep(settings, consumer);
    } else {
      IdleConsumers.drop(settings, consumer);
    }
  }
}

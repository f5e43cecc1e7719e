package io.sessionize.source;

import io.sessionize.session.Partition;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads ranges of offsets, one after the other, with one consumer. Offsets without a record are
 * passed over: those of transactions, and of records that a compaction removed.
 *
 * <p>{@link #hasNext} throws {@link OffsetOutOfRangeException} if Kafka does not have an offset of
 * a range any more, and {@link TimeoutException} if no record comes in time.
 */
public final class RangeReader implements Iterator<ConsumerRecord<byte[], byte[]>>, AutoCloseable {
  private final Map<String, String> settings;
  private final Consumer<byte[], byte[]> consumer;
  private final Iterator<PartitionRange> ranges;
  private final Duration patience;
  private boolean isDone;
  private Iterator<ConsumerRecord<byte[], byte[]>> polled = Collections.emptyIterator();
  private TopicPartition partition;
  private long position;
  private long end;
  private ConsumerRecord<byte[], byte[]> next;

  /**
   * A reader with a consumer that is kept for other readers with the same settings.
   *
   * @param settings of the consumer
   * @param patience how long to wait for a record
   */
  public RangeReader(
      Map<String, String> settings, Iterator<PartitionRange> ranges, Duration patience) {
    this.settings = settings;
    this.consumer = IdleConsumers.take(settings);
    this.ranges = ranges;
    this.patience = patience;
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      if (polled.hasNext()) {
        take(polled.next());
      } else if (position < end) {
        poll();
      } else if (ranges.hasNext()) {
        begin(ranges.next());
      } else {
        isDone = true;
        return false;
      }
    }
    return true;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.offset() < end) {
      next = record;
    } else {
      // A poll returns what the broker has, also beyond the range.
      polled = Collections.emptyIterator();
      position = end;
    }
  }

  private void begin(PartitionRange range) {
    Partition of = range.partition();
    partition = new TopicPartition(of.topic(), of.number());
    position = range.from();
    end = range.to();
    consumer.assign(List.of(partition));
    consumer.seek(partition, position);
  }

  private void poll() {
    try {
      polled = consumer.poll(patience).iterator();
    } catch (OffsetOutOfRangeException e) {
      throw new OffsetOutOfRangeException(
          "Offset " + position + " of " + partition + " is not there any more",
          e.offsetOutOfRangePartitions());
    }
    long reached = consumer.position(partition, patience);
    if (reached == position && !polled.hasNext()) {
      throw new TimeoutException(
          "No record of " + partition + " from offset " + position + " on within " + patience);
    }
    position = reached;
  }

  @Override
  public ConsumerRecord<byte[], byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ConsumerRecord<byte[], byte[]> record = next;
    next = null;
    return record;
  }

  /** Gives the consumer back. If not all was read, or reading failed, it is closed. */
  @Override
  public void close() {
    if (isDone) {
      IdleConsumers.keep(settings, consumer);
    } else {
      consumer.close(Duration.ZERO);
    }
  }
}

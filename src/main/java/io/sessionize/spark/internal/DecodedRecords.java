package io.sessionize.spark.internal;

import io.sessionize.event.Decoded;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.event.RecordDecoder;
import io.sessionize.job.RecordCounts;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;

/** Decodes the records of one task, each to one row or, if it is a batch of events, to several. */
final class DecodedRecords implements CountedRows {
  private final Iterator<ReadRecord> records;
  private final Set<String> users;
  private final ReadLimit.Counter counter;
  private final PartitionIndex index;
  private final RecordDecoder decoder;
  private final EventFilter.Conditions conditions;
  private final DecodedRowWriter writer;
  private final Deque<Decoded> decoded = new ArrayDeque<>();
  private ReadRecord current;
  private KafkaRecord record;
  private int partition;
  private boolean isFiltered;
  private long read;
  private long elements;
  private long filtered;
  private long unfit;
  private long oldestMs = RecordCounts.NO_TIME;

  DecodedRecords(Iterator<ReadRecord> records, RecordDecoding how) {
    this.records = records;
    this.users = how.users();
    this.counter = how.readLimit().counter();
    this.index = new PartitionIndex(how.partitions());
    RowSchemas schemas = how.schemas();
    this.decoder =
        new MappingDecoder(
            how.definitions().inUse(),
            how.definitions().number(),
            schemas.properties(),
            how.limits(),
            how.registered().formats());
    this.conditions = how.filter().compile();
    this.writer = new DecodedRowWriter(schemas);
  }

  /** Decodes records until one of them has a result: a batch of events may be empty. */
  @Override
  public boolean hasNext() {
    while (decoded.isEmpty() && records.hasNext()) {
      current = records.next();
      record = current.record();
      counter.add(current.size());
      decode();
      if (users.isEmpty() || !decoded.isEmpty()) {
        countRecord();
      }
    }
    return !decoded.isEmpty();
  }

  private void countRecord() {
    read++;
    if (Limits.isKnown(record.timeMs())) {
      oldestMs = Math.min(oldestMs, record.timeMs());
    }
  }

  private void decode() {
    partition = index.of(record.topic(), record.partition());
    if (current.index() == null) {
      decoder.decode(record, this::add);
    } else {
      decoder.decodeElement(record, current.index(), this::add);
    }
  }

  private void add(Decoded result) {
    if (users.isEmpty() || result instanceof Decoded.Valid valid && users.contains(valid.uuid())) {
      decoded.add(result);
    }
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    elements++;
    isFiltered = false;
    Decoded result = decoded.remove();
    if (result instanceof Decoded.Rejected rejected) {
      return writer.write(rejected, current, partition);
    }
    Decoded.Valid valid = (Decoded.Valid) result;
    Event event = valid.event();
    // A record whose time is unknown was written when its event happened, or later.
    long timeMs = Limits.isKnown(record.timeMs()) ? record.timeMs() : event.timeMs();
    InternalRow row = writer.write(valid.uuid(), event, partition, timeMs);
    isFiltered = !conditions.keep(record.topic(), row);
    filtered += isFiltered ? 1 : 0;
    unfit += isFiltered ? 0 : valid.unfit();
    return row;
  }

  @Override
  public boolean isFiltered() {
    return isFiltered;
  }

  @Override
  public RecordCounts counts() {
    return new RecordCounts(read, elements, filtered, unfit, conditions.failed(), oldestMs);
  }
}

package io.sessionize.spark.internal;

import io.sessionize.event.Decoded;
import io.sessionize.event.Definitions;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.event.RecordDecoder;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.Partition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;

/** Decodes Kafka records to rows of {@link DecodedRows}: one pass, no shuffle. */
public final class RecordDecoding {
  static final int TOPIC = 0;
  static final int PARTITION = 1;
  static final int OFFSET = 2;
  private static final int TIMESTAMP = 3;
  static final int KEY = 4;
  static final int VALUE = 5;
  private static final int INDEX = 6;

  private RecordDecoding() {}

  /**
   * Decodes records. Lazy: the rows are computed when they are read.
   *
   * @param records rows with the columns of Spark's Kafka source; rejected records also with {@code
   *     index}, which is null for a whole record
   * @param definitions of the tables; the one in use is that of the records' topics
   * @param partitions of the batch; a row gets the index of its own: see {@link PartitionIndex}
   * @param registered schemas of Avro records
   * @param readLimit after which reading ends with an exception
   * @param users whose events are returned, without rejected records; empty for everybody's, and
   *     rejected records
   */
  public static InternalRows decode(
      Dataset<Row> records,
      Definitions definitions,
      List<Partition> partitions,
      BatchSchemas registered,
      Limits limits,
      ReadLimit readLimit,
      Set<String> users) {
    InternalRows decoded =
        InternalRows.of(records.select(columns(records)))
            .map(
                rdd ->
                    rdd.mapPartitions(
                        rows ->
                            decoded(rows, definitions, partitions, registered, limits, readLimit)));
    return users.isEmpty() ? decoded : decoded.map(rdd -> rdd.filter(row -> isOf(users, row)));
  }

  private static Column[] columns(Dataset<Row> records) {
    return Stream.of("topic", "partition", "offset", "timestamp", "key", "value", "index")
        .filter(List.of(records.columns())::contains)
        .map(records::col)
        .toArray(Column[]::new);
  }

  private static boolean isOf(Set<String> users, InternalRow row) {
    return !row.isNullAt(DecodedRows.UUID) && users.contains(row.getString(DecodedRows.UUID));
  }

  private static Iterator<InternalRow> decoded(
      Iterator<InternalRow> records,
      Definitions definitions,
      List<Partition> partitions,
      BatchSchemas registered,
      Limits limits,
      ReadLimit readLimit) {
    ReadLimit.Counter counter = readLimit.counter();
    PartitionIndex index = new PartitionIndex(partitions);
    RowSchemas schemas = RowSchemas.of(definitions.properties());
    RecordDecoder decoder =
        new MappingDecoder(
            definitions.inUse(),
            definitions.number(),
            schemas.properties(),
            limits,
            registered.formats());
    DecodedRowWriter writer = new DecodedRowWriter(schemas);
    Deque<Decoded> decoded = new ArrayDeque<>();
    return new Iterator<>() {
      private InternalRow record;
      private int partition;

      /** Decodes records until one of them has a result: a batch of events may be empty. */
      @Override
      public boolean hasNext() {
        while (decoded.isEmpty() && records.hasNext()) {
          record = records.next();
          counter.add(((UnsafeRow) record).getSizeInBytes());
          partition = index.of(record.getUTF8String(TOPIC), record.getInt(PARTITION));
          KafkaRecord read = read(record, index.topic());
          if (isElement(record)) {
            decoder.decodeElement(read, record.getInt(INDEX), decoded::add);
          } else {
            decoder.decode(read, decoded::add);
          }
        }
        return !decoded.isEmpty();
      }

      @Override
      public InternalRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return written(decoded.remove(), record, partition, writer);
      }
    };
  }

  private static boolean isElement(InternalRow record) {
    return record.numFields() > INDEX && !record.isNullAt(INDEX);
  }

  private static KafkaRecord read(InternalRow record, String topic) {
    return new KafkaRecord(
        topic,
        record.getInt(PARTITION),
        record.getLong(OFFSET),
        DateTimeUtils.microsToMillis(record.getLong(TIMESTAMP)),
        record.getBinary(VALUE));
  }

  private static InternalRow written(
      Decoded decoded, InternalRow record, int partition, DecodedRowWriter writer) {
    long recordTimeMs = DateTimeUtils.microsToMillis(record.getLong(TIMESTAMP));
    if (decoded instanceof Decoded.Valid valid) {
      Event event = valid.event();
      // A record whose time is unknown was written when its event happened, or later.
      long timeMs = Limits.isKnown(recordTimeMs) ? recordTimeMs : event.timeMs();
      return writer.write(valid.uuid(), event, partition, timeMs);
    }
    return writer.write((Decoded.Rejected) decoded, record, partition, recordTimeMs);
  }
}

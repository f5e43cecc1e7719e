package io.sessionize.spark.internal;

import io.sessionize.event.Decoded;
import io.sessionize.event.Definitions;
import io.sessionize.event.EventDecoder;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.RecordDecoder;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
   * @param readLimit after which reading ends with an exception
   * @param users whose events are returned, without rejected records; empty for everybody's, and
   *     rejected records
   */
  public static InternalRows decode(
      Dataset<Row> records,
      Definitions definitions,
      Limits limits,
      ReadLimit readLimit,
      Set<String> users) {
    RowSchemas schemas = RowSchemas.of(definitions.properties());
    InternalRows decoded =
        InternalRows.of(records.select(columns(records)))
            .map(rdd -> rdd.mapPartitions(rows -> decoded(rows, schemas, limits, readLimit)));
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
      Iterator<InternalRow> records, RowSchemas schemas, Limits limits, ReadLimit readLimit) {
    ReadLimit.Counter counter = readLimit.counter();
    EventDecoder decoder = new EventDecoder(limits);
    DecodedRowWriter writer = new DecodedRowWriter(schemas);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return records.hasNext();
      }

      @Override
      public InternalRow next() {
        InternalRow record = records.next();
        counter.add(((UnsafeRow) record).getSizeInBytes());
        return decoded(decoder, record, writer);
      }
    };
  }

  private static InternalRow decoded(
      EventDecoder decoder, InternalRow record, DecodedRowWriter writer) {
    int partition = record.getInt(PARTITION);
    long recordTimeMs = DateTimeUtils.microsToMillis(record.getLong(TIMESTAMP));
    Decoded decoded =
        isElement(record)
            ? decodedElement(decoder, record, recordTimeMs)
            : decoder.decode(
                record.getBinary(VALUE),
                record.getUTF8String(TOPIC).toString(),
                partition,
                record.getLong(OFFSET),
                recordTimeMs);
    if (decoded instanceof Decoded.Valid valid) {
      Event event = valid.event();
      // A record whose time is unknown was written when its event happened, or later.
      long timeMs = Limits.isKnown(recordTimeMs) ? recordTimeMs : event.timeMs();
      return writer.write(valid.uuid(), event, partition, timeMs);
    }
    return writer.write((Decoded.Rejected) decoded, record, recordTimeMs);
  }

  private static boolean isElement(InternalRow record) {
    return record.numFields() > INDEX && !record.isNullAt(INDEX);
  }

  private static Decoded decodedElement(
      RecordDecoder decoder, InternalRow record, long recordTimeMs) {
    int index = record.getInt(INDEX);
    byte[] value = record.getBinary(VALUE);
    List<Decoded> results = new ArrayList<>(1);
    decoder.decodeElement(
        new KafkaRecord(
            record.getUTF8String(TOPIC).toString(),
            record.getInt(PARTITION),
            record.getLong(OFFSET),
            recordTimeMs,
            value),
        index,
        results::add);
    return results.get(0) instanceof Decoded.Rejected rejected
        ? new Decoded.Rejected(rejected.reason(), rejected.detail(), index, value)
        : results.get(0);
  }
}

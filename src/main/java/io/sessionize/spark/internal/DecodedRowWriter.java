package io.sessionize.spark.internal;

import static io.sessionize.spark.internal.UnsafeRows.bytes;
import static io.sessionize.spark.internal.UnsafeRows.text;

import io.sessionize.event.Decoded;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.Micros;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;

/**
 * Writes rows of {@link DecodedRows}, each into the same mutable row. It replaces Spark's generated
 * encoder, whose code for nested columns is so long that a cold process spends a second on its
 * compilation and another on interpreting it.
 */
final class DecodedRowWriter {
  private final int columns;
  private final UnsafeRowWriter row;
  private final EventWriter events;
  private final UnsafeRowWriter rejected;

  DecodedRowWriter(RowSchemas schemas) {
    columns = schemas.decoded().length();
    row = new UnsafeRowWriter(columns);
    events = new EventWriter(row, DecodedRows.EVENT, schemas);
    rejected = new UnsafeRowWriter(row, DecodedRows.REJECTION.length());
  }

  /**
   * Writes an event.
   *
   * @param partition its index in the partitions of the batch
   */
  InternalRow write(String uuid, Event event, int partition, long recordTimeMs) {
    row.reset();
    row.zeroOutNullBytes();
    text(row, DecodedRows.UUID, uuid);
    events.write(event);
    row.write(DecodedRows.PARTITION, partition);
    row.write(DecodedRows.RECORD_TIME_MS, recordTimeMs);
    row.setNullAt(DecodedRows.REJECTED);
    return row.getRow();
  }

  /**
   * Writes a rejection.
   *
   * @param partition its index in the partitions of the batch
   */
  InternalRow write(Decoded.Rejected rejection, ReadRecord given, int partition) {
    KafkaRecord record = given.record();
    row.reset();
    row.zeroOutNullBytes();
    row.setNullAt(DecodedRows.UUID);
    for (int column = DecodedRows.EVENT; column < columns; column++) {
      row.setNullAt(column);
    }
    row.write(DecodedRows.PARTITION, partition);
    row.write(DecodedRows.RECORD_TIME_MS, record.timeMs());
    int start = row.cursor();
    rejected.resetRowWriter();
    text(rejected, DecodedRows.REJECTION_TOPIC, record.topic());
    rejected.write(DecodedRows.REJECTION_PARTITION, record.partition());
    rejected.write(DecodedRows.REJECTION_OFFSET, record.offset());
    boolean isWhole = rejection.index() == null;
    if (isWhole) {
      rejected.setNullAt(DecodedRows.REJECTION_INDEX);
    } else {
      rejected.write(DecodedRows.REJECTION_INDEX, rejection.index());
    }
    // A producer may send any number, nanoseconds for example.
    if (Limits.isKnown(record.timeMs())) {
      rejected.write(DecodedRows.REJECTION_RECORD_TIME, Micros.ofMs(record.timeMs()));
    } else {
      rejected.setNullAt(DecodedRows.REJECTION_RECORD_TIME);
    }
    bytes(rejected, DecodedRows.REJECTION_KEY, given.key());
    bytes(rejected, DecodedRows.REJECTION_VALUE, isWhole ? record.value() : rejection.element());
    text(rejected, DecodedRows.REJECTION_REASON, rejection.reason().text());
    text(rejected, DecodedRows.REJECTION_DETAIL, rejection.detail());
    row.setOffsetAndSizeFromPreviousCursor(DecodedRows.REJECTED, start);
    return row.getRow();
  }
}

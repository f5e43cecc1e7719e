package io.sessionize.spark.internal;

import io.sessionize.event.Decoded;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.spark.DecodeRecords;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writes rows of {@link DecodeRecords#SCHEMA} in Spark's own form. Each takes the place of the one
 * before. What Spark generates to do this from a {@code Row} is so long that a cold process spends
 * a second on compiling it and another on what is not compiled yet.
 */
public final class DecodedRowWriter {
  private static final long MICROS_PER_MS = 1_000;

  private final UnsafeRowWriter row = new UnsafeRowWriter(DecodeRecords.SCHEMA.length());
  private final UnsafeRowWriter details = new UnsafeRowWriter(row, 3);
  private final UnsafeRowWriter rejected = new UnsafeRowWriter(row, DecodeRecords.REJECTED.size());

  public InternalRow write(String uuid, Event event, int partition, long recordTimeMs) {
    row.reset();
    row.zeroOutNullBytes();
    text(row, 0, uuid);
    text(row, 1, event.id());
    row.write(2, event.timeMs());
    text(row, 3, event.pageName());
    text(row, 4, event.bookingDetails());
    if (event.details() == null) {
      row.setNullAt(5);
    } else {
      writeDetails(event.details());
    }
    row.write(6, partition);
    row.write(7, recordTimeMs);
    row.setNullAt(8);
    return row.getRow();
  }

  private void writeDetails(EventDetails values) {
    int start = row.cursor();
    details.resetRowWriter();
    text(details, 0, values.name());
    text(details, 1, values.type());
    text(details, 2, values.value());
    row.setOffsetAndSizeFromPreviousCursor(5, start);
  }

  /** Of a record of Kafka as {@link DecodeRecords} reads it. */
  public InternalRow write(Decoded.Rejected rejection, InternalRow record, long recordTimeMs) {
    row.reset();
    row.zeroOutNullBytes();
    for (int i = 0; i < 6; i++) {
      row.setNullAt(i);
    }
    row.write(6, record.getInt(DecodeRecords.PARTITION));
    row.write(7, recordTimeMs);
    int start = row.cursor();
    rejected.resetRowWriter();
    rejected.write(0, record.getUTF8String(DecodeRecords.TOPIC));
    rejected.write(1, record.getInt(DecodeRecords.PARTITION));
    rejected.write(2, record.getLong(DecodeRecords.OFFSET));
    rejected.write(3, recordTimeMs * MICROS_PER_MS);
    bytes(rejected, 4, record.getBinary(DecodeRecords.KEY));
    bytes(rejected, 5, record.getBinary(DecodeRecords.VALUE));
    text(rejected, 6, rejection.reason().text());
    text(rejected, 7, rejection.detail());
    row.setOffsetAndSizeFromPreviousCursor(8, start);
    return row.getRow();
  }

  private static void text(UnsafeRowWriter to, int column, String text) {
    if (text == null) {
      to.setNullAt(column);
    } else {
      to.write(column, UTF8String.fromString(text));
    }
  }

  private static void bytes(UnsafeRowWriter to, int column, byte[] bytes) {
    if (bytes == null) {
      to.setNullAt(column);
    } else {
      to.write(column, bytes);
    }
  }
}

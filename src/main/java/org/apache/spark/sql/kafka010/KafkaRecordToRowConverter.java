package org.apache.spark.sql.kafka010;

import java.io.Serializable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Function1;

/**
 * Takes the place of the class of this name in Spark's Kafka source. That one multiplies a record's
 * timestamp exactly, so that a single record with nanoseconds in place of milliseconds ends every
 * run, for ever, with 'long overflow'; no option and no interceptor gets between. Here such a
 * timestamp is the last one that Spark can hold. Records' headers, which nobody here asks for, are
 * not made.
 */
public class KafkaRecordToRowConverter {
  private static final long LAST_MS = Long.MAX_VALUE / 1000;
  private static final long NO_TIMESTAMP = -1;

  /** For a range of offsets. */
  public Function1<ConsumerRecord<byte[], byte[]>, InternalRow> toInternalRowWithoutHeaders() {
    return (Function1<ConsumerRecord<byte[], byte[]>, InternalRow> & Serializable)
        KafkaRecordToRowConverter::row;
  }

  /** As above; nobody asks for headers. */
  public Function1<ConsumerRecord<byte[], byte[]>, InternalRow> toInternalRowWithHeaders() {
    throw new UnsupportedOperationException("headers");
  }

  /** For the stream. */
  public Function1<ConsumerRecord<byte[], byte[]>, UnsafeRow> toUnsafeRowProjector(
      boolean includeHeaders) {
    if (includeHeaders) {
      throw new UnsupportedOperationException("headers");
    }
    UnsafeProjection projection =
        UnsafeProjection.create(KafkaRecordToRowConverter$.MODULE$.kafkaSchema(false));
    return record -> projection.apply(row(record));
  }

  private static InternalRow row(ConsumerRecord<byte[], byte[]> record) {
    long timestampMs = Math.max(NO_TIMESTAMP, Math.min(record.timestamp(), LAST_MS));
    return new GenericInternalRow(
        new Object[] {
          record.key(),
          record.value(),
          UTF8String.fromString(record.topic()),
          record.partition(),
          record.offset(),
          timestampMs * 1000,
          record.timestampType().id
        });
  }
}

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
 * Converts a Kafka record to a row. It replaces the class of this name in Spark's Kafka source.
 * Spark's class multiplies a record's timestamp exactly: a single record with nanoseconds instead
 * of milliseconds ends every run with 'long overflow', and no option or interceptor can prevent it.
 * This class replaces such a timestamp by the last one that Spark can hold. It does not support
 * record headers, which this job does not read.
 */
public class KafkaRecordToRowConverter {
  private static final long LAST_MS = Long.MAX_VALUE / 1000;
  private static final long NO_TIMESTAMP = -1;

  /** Converts the records of a range of offsets. */
  public Function1<ConsumerRecord<byte[], byte[]>, InternalRow> toInternalRowWithoutHeaders() {
    return (Function1<ConsumerRecord<byte[], byte[]>, InternalRow> & Serializable)
        KafkaRecordToRowConverter::row;
  }

  /** Not supported: this job does not read headers. */
  public Function1<ConsumerRecord<byte[], byte[]>, InternalRow> toInternalRowWithHeaders() {
    throw new UnsupportedOperationException("headers");
  }

  /** Converts the records of a stream. */
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

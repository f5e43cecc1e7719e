package io.sessionize.event.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Writes records in the Confluent wire format, with Avro's own writer. */
public final class WireRecords {
  private WireRecords() {}

  /** A record of a schema. */
  public static byte[] avro(int id, String schema, Map<String, ?> fields) {
    Schema parsed = new Schema.Parser().parse(schema);
    GenericRecordBuilder record = new GenericRecordBuilder(parsed);
    fields.forEach(record::set);
    return avro(id, parsed, record.build());
  }

  static byte[] avro(int id, Schema schema, Object datum) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      new GenericDatumWriter<>(schema).write(datum, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return withHeader(id, out.toByteArray());
  }

  static GenericRecord record(Schema schema, Map<String, ?> fields) {
    GenericRecordBuilder record = new GenericRecordBuilder(schema);
    fields.forEach(record::set);
    return record.build();
  }

  /** These bytes after a header. */
  public static byte[] withHeader(int id, byte... data) {
    return ByteBuffer.allocate(WireFormat.HEADER + data.length)
        .put((byte) 0)
        .putInt(id)
        .put(data)
        .array();
  }
}

package io.sessionize.event.registry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.sessionize.event.UnreadableException;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.Base64;
import org.apache.avro.LogicalTypes;
import org.apache.avro.LogicalTypes.Decimal;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.ResolvingDecoder;

/**
 * Converts the Avro records of one schema to JSON tokens.
 *
 * <pre>
 *   Avro                                        JSON
 *   record, map                                 object
 *   array                                       array
 *   union                                       the value, without the name of its type
 *   string, enum                                text
 *   int, long, float, double                    number; NaN and infinity are texts
 *   timestamp, local timestamp, time            the number as it is: milliseconds or microseconds
 *   date                                        text, as 2026-11-22
 *   decimal                                     number
 *   bytes, fixed                                text in Base64
 * </pre>
 *
 * <p>Not thread-safe.
 */
final class AvroRecord {
  /** As in JSON. */
  private static final int DEEPEST = 1000;

  /** As in JSON. */
  private static final int MOST_DIGITS = 1000;

  /** Values without bytes: null, an empty record, a default of the reader's schema. */
  private static final int MOST_WITHOUT_BYTES = 100_000;

  private static final int LARGEST_DEFAULT = 1 << 20;

  private final Schema schema;
  private final ResolvingDecoder resolving;
  private final BoundedDecoder in = new BoundedDecoder();
  private long values;

  /**
   * @param writer with which the records are written
   * @param reader by which they are read: its fields, names, defaults and types
   * @throws org.apache.avro.AvroRuntimeException if a schema cannot be used
   */
  AvroRecord(Schema writer, Schema reader) throws IOException {
    schema = reader;
    in.begin(new byte[0], 0);
    resolving =
        DecoderFactory.get().resolvingDecoder(Schema.applyAliases(writer, reader), reader, in);
  }

  /**
   * Returns a parser of the tokens of one record.
   *
   * @param offset of its first byte; its last one is the last of the bytes
   * @throws IOException if the bytes are not exactly one record
   */
  JsonParser open(byte[] bytes, int offset) throws IOException {
    in.begin(bytes, offset);
    resolving.configure(in);
    values = 0;
    TokenBuffer tokens = new TokenBuffer(null, false);
    try {
      write(schema, tokens, 0);
      resolving.drain();
    } catch (EOFException e) {
      throw UnreadableException.malformed("the Avro record ends too early");
    } catch (RuntimeException e) {
      // Whatever Avro throws for bytes that do not fit their schema: an index out of bounds, a
      // field that cannot be resolved.
      throw UnreadableException.malformed("not a record of its schema: " + e.getMessage());
    }
    if (!in.isEnd()) {
      throw UnreadableException.malformed("something follows the Avro record");
    }
    return tokens.asParser();
  }

  private void write(Schema type, JsonGenerator out, int depth) throws IOException {
    if (++values > MOST_WITHOUT_BYTES + (long) in.size()) {
      throw UnreadableException.malformed("too many values without bytes");
    }
    if (depth > DEEPEST) {
      throw UnreadableException.malformed("more than " + DEEPEST + " levels");
    }
    switch (type.getType()) {
      case RECORD -> writeRecord(out, depth);
      case ARRAY -> writeArray(type.getElementType(), out, depth);
      case MAP -> writeMap(type.getValueType(), out, depth);
      case UNION -> write(type.getTypes().get(resolving.readIndex()), out, depth + 1);
      case STRING -> out.writeString(resolving.readString());
      case ENUM -> out.writeString(type.getEnumSymbols().get(resolving.readEnum()));
      case BYTES -> writeBytes(type, resolving.readBytes(null), out);
      case FIXED -> writeBytes(type, ByteBuffer.wrap(fixed(type.getFixedSize())), out);
      case INT -> writeInt(type, resolving.readInt(), out);
      case LONG -> out.writeNumber(resolving.readLong());
      case FLOAT -> writeFloat(resolving.readFloat(), out);
      case DOUBLE -> writeDouble(resolving.readDouble(), out);
      case BOOLEAN -> out.writeBoolean(resolving.readBoolean());
      case NULL -> {
        resolving.readNull();
        out.writeNull();
      }
    }
  }

  private void writeRecord(JsonGenerator out, int depth) throws IOException {
    out.writeStartObject();
    for (Field field : resolving.readFieldOrder()) {
      out.writeFieldName(field.name());
      write(field.schema(), out, depth + 1);
    }
    out.writeEndObject();
  }

  private void writeArray(Schema element, JsonGenerator out, int depth) throws IOException {
    out.writeStartArray();
    for (long left = resolving.readArrayStart(); left > 0; left = resolving.arrayNext()) {
      for (long i = 0; i < left; i++) {
        write(element, out, depth + 1);
      }
    }
    out.writeEndArray();
  }

  private void writeMap(Schema value, JsonGenerator out, int depth) throws IOException {
    out.writeStartObject();
    for (long left = resolving.readMapStart(); left > 0; left = resolving.mapNext()) {
      for (long i = 0; i < left; i++) {
        out.writeFieldName(resolving.readString());
        write(value, out, depth + 1);
      }
    }
    out.writeEndObject();
  }

  private byte[] fixed(int length) throws IOException {
    if (length > Math.max(LARGEST_DEFAULT, in.size())) {
      throw UnreadableException.malformed(
          "a length of " + length + " in a record of " + in.size() + " bytes");
    }
    byte[] bytes = new byte[length];
    resolving.readFixed(bytes);
    return bytes;
  }

  private static void writeBytes(Schema type, ByteBuffer bytes, JsonGenerator out)
      throws IOException {
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    if (type.getLogicalType() instanceof Decimal decimal) {
      out.writeNumber(decimal(array, decimal.getScale()));
    } else {
      out.writeString(Base64.getEncoder().encodeToString(array));
    }
  }

  private static String decimal(byte[] unscaled, int scale) throws IOException {
    // A byte has fewer than three digits.
    if (scale > MOST_DIGITS || 3L * unscaled.length > MOST_DIGITS || unscaled.length == 0) {
      throw UnreadableException.malformed("not a decimal number of at most 1000 digits");
    }
    return new BigDecimal(new BigInteger(unscaled), scale).toPlainString();
  }

  private static void writeInt(Schema type, int value, JsonGenerator out) throws IOException {
    if (type.getLogicalType() instanceof LogicalTypes.Date) {
      out.writeString(LocalDate.ofEpochDay(value).toString());
    } else {
      out.writeNumber(value);
    }
  }

  private static void writeFloat(float value, JsonGenerator out) throws IOException {
    if (Float.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeString(Float.toString(value));
    }
  }

  private static void writeDouble(double value, JsonGenerator out) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeString(Double.toString(value));
    }
  }
}

package io.sessionize.spark.internal;

import java.nio.ByteBuffer;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.TConfiguration;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.TException;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.protocol.TCompactProtocol;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.protocol.TField;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.protocol.TProtocolUtil;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.transport.TEndpointTransport;
import org.apache.iceberg.shaded.org.apache.parquet.shaded.org.apache.thrift.transport.TTransportException;

/**
 * Reads some fields of a Thrift struct with the compact protocol of Parquet's own library, and
 * skips the others. Bytes that are no such struct are an {@link IllegalArgumentException}.
 */
final class ThriftReader {
  private static final int STOP = 0;

  private final Bytes bytes;
  private final TCompactProtocol protocol;

  ThriftReader(byte[] bytes) {
    try {
      this.bytes = new Bytes(bytes);
      this.protocol = new TCompactProtocol(this.bytes);
    } catch (TException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Reads the values of the fields of a struct that are of use. The others are skipped. */
  @FunctionalInterface
  interface Fields {
    void read(int field);
  }

  /** The index of the next byte. */
  int at() {
    return bytes.at;
  }

  void struct(Fields fields) {
    try {
      protocol.readStructBegin();
      for (TField field = protocol.readFieldBegin();
          field.type != STOP;
          field = protocol.readFieldBegin()) {
        int value = bytes.at;
        fields.read(field.id);
        if (bytes.at == value) {
          TProtocolUtil.skip(protocol, field.type);
        }
      }
      protocol.readStructEnd();
    } catch (TException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Reads the header of a list and returns the number of its elements. */
  int list() {
    try {
      return protocol.readListBegin().size;
    } catch (TException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Reads a number of 16, 32 or 64 bits. */
  long integer() {
    try {
      return protocol.readI64();
    } catch (TException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Reads bytes or a text in UTF-8. */
  byte[] binary() {
    try {
      ByteBuffer value = protocol.readBinary();
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      return copy;
    } catch (TException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The bytes without a copy. Thrift's own class for this is not in Iceberg's jar. */
  private static final class Bytes extends TEndpointTransport {
    private final byte[] bytes;
    private int at;

    Bytes(byte[] bytes) throws TTransportException {
      super(TConfiguration.DEFAULT);
      this.bytes = bytes;
    }

    @Override
    public byte[] getBuffer() {
      return bytes;
    }

    @Override
    public int getBufferPosition() {
      return at;
    }

    @Override
    public int getBytesRemainingInBuffer() {
      return bytes.length - at;
    }

    @Override
    public void consumeBuffer(int count) {
      at += count;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      int count = Math.min(length, bytes.length - at);
      System.arraycopy(bytes, at, into, from, count);
      at += count;
      return count;
    }

    @Override
    public void write(byte[] more, int from, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void open() {}

    @Override
    public void close() {}
  }
}

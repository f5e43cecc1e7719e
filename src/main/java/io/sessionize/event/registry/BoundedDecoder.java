package io.sessionize.event.registry;

import io.sessionize.event.UnreadableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Decodes binary Avro that may be hostile. Avro's own decoder believes the lengths in a record: it
 * allocates a text of 2 GB before it finds that there are 20 bytes, repeats an element without
 * bytes 2^62 times, and skips blocks backwards. This one accepts no length above that of the
 * record, and no more elements of arrays and maps than the record has bytes. A text must be UTF-8.
 *
 * <p>Not thread-safe.
 */
final class BoundedDecoder extends Decoder {
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private BinaryDecoder in;
  private int size;
  private long elements;

  /** Begins with a record, which are these bytes from the offset to the end. */
  void begin(byte[] bytes, int offset) {
    size = bytes.length - offset;
    elements = 0;
    in = DecoderFactory.get().binaryDecoder(bytes, offset, size, in);
  }

  /** Returns the number of bytes of the record. */
  int size() {
    return size;
  }

  boolean isEnd() throws IOException {
    return in.isEnd();
  }

  private byte[] bytes() throws IOException {
    byte[] bytes = new byte[length()];
    in.readFixed(bytes);
    return bytes;
  }

  private int length() throws IOException {
    long length = in.readLong();
    if (length < 0 || length > size) {
      throw UnreadableException.malformed(
          "a length of " + length + " in a record of " + size + " bytes");
    }
    return (int) length;
  }

  /** Reads the begin of a block of elements, and returns their number. */
  private long block() throws IOException {
    long count = in.readLong();
    if (count < 0) {
      count = -count;
      // The number of bytes, for readers that skip the block without decoding it.
      in.readLong();
    }
    elements += count;
    if (count < 0 || count > size || elements > size) {
      throw UnreadableException.malformed("more elements than bytes");
    }
    return count;
  }

  @Override
  public String readString() throws IOException {
    try {
      return utf8.decode(ByteBuffer.wrap(bytes())).toString();
    } catch (CharacterCodingException e) {
      throw UnreadableException.malformed("not UTF-8");
    }
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    return new Utf8(readString());
  }

  @Override
  public void skipString() throws IOException {
    in.skipFixed(length());
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(bytes());
  }

  @Override
  public void skipBytes() throws IOException {
    in.skipFixed(length());
  }

  @Override
  public long readArrayStart() throws IOException {
    return block();
  }

  @Override
  public long arrayNext() throws IOException {
    return block();
  }

  @Override
  public long skipArray() throws IOException {
    return block();
  }

  @Override
  public long readMapStart() throws IOException {
    return block();
  }

  @Override
  public long mapNext() throws IOException {
    return block();
  }

  @Override
  public long skipMap() throws IOException {
    return block();
  }

  @Override
  public void readNull() {
    // It has no bytes.
  }

  @Override
  public boolean readBoolean() throws IOException {
    return in.readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return in.readInt();
  }

  @Override
  public long readLong() throws IOException {
    return in.readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return in.readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return in.readDouble();
  }

  @Override
  public void readFixed(byte[] bytes, int start, int length) throws IOException {
    in.readFixed(bytes, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    in.skipFixed(length);
  }

  @Override
  public int readEnum() throws IOException {
    return in.readInt();
  }

  @Override
  public int readIndex() throws IOException {
    return in.readInt();
  }
}

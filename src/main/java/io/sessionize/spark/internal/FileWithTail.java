package io.sessionize.spark.internal;

import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/** A file whose bytes from an offset on are others. */
final class FileWithTail implements InputFile {
  private final InputFile file;
  private final long offset;
  private final byte[] tail;

  FileWithTail(InputFile file, long offset, byte[] tail) {
    this.file = file;
    this.offset = offset;
    this.tail = tail;
  }

  @Override
  public long getLength() {
    return offset + tail.length;
  }

  @Override
  public SeekableInputStream newStream() {
    return new Stream(file.newStream());
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return file.exists();
  }

  private final class Stream extends SeekableInputStream {
    private final SeekableInputStream head;
    private long at;

    Stream(SeekableInputStream head) {
      this.head = head;
    }

    @Override
    public long getPos() {
      return at;
    }

    @Override
    public void seek(long position) {
      at = position;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int count = at < offset ? readHead(into, from, length) : readTail(into, from, length);
      at += Math.max(0, count);
      return count;
    }

    private int readHead(byte[] into, int from, int length) throws IOException {
      if (head.getPos() != at) {
        head.seek(at);
      }
      return head.read(into, from, (int) Math.min(length, offset - at));
    }

    private int readTail(byte[] into, int from, int length) {
      int index = (int) Math.min(tail.length, at - offset);
      int count = Math.min(length, tail.length - index);
      System.arraycopy(tail, index, into, from, count);
      return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public void close() throws IOException {
      head.close();
    }
  }
}

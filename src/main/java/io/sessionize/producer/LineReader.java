package io.sessionize.producer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads lines of bytes and does not decode them. A line ends with LF or CR LF; the last one may end
 * with the stream. A CR elsewhere is part of the line. Holds one line at a time.
 */
final class LineReader implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final InputStream in;
  private byte[] buffer = new byte[CHUNK];
  private int start;
  private int end;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** Returns the next line that is not empty, without its ending, or null at the end. */
  byte[] next() throws IOException {
    byte[] line = nextOrEmpty();
    while (line != null && line.length == 0) {
      line = nextOrEmpty();
    }
    return line;
  }

  private byte[] nextOrEmpty() throws IOException {
    int scan = start;
    while (true) {
      for (; scan < end; scan++) {
        if (buffer[scan] == '\n') {
          int lineEnd = scan > start && buffer[scan - 1] == '\r' ? scan - 1 : scan;
          byte[] line = Arrays.copyOfRange(buffer, start, lineEnd);
          start = scan + 1;
          return line;
        }
      }
      scan -= start;
      if (!fill()) {
        byte[] rest = Arrays.copyOfRange(buffer, start, end);
        start = end;
        return rest.length == 0 ? null : rest;
      }
    }
  }

  /** Moves the incomplete line to the front and reads more bytes; returns false at the end. */
  private boolean fill() throws IOException {
    byte[] target = end - start > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
    System.arraycopy(buffer, start, target, 0, end - start);
    buffer = target;
    end -= start;
    start = 0;
    int read = in.read(buffer, end, buffer.length - end);
    end += Math.max(0, read);
    return read >= 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

package io.sessionize.producer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads lines of bytes and does not decode them. A line ends with LF or CR LF; the last one may end
 * with the stream. A CR elsewhere is part of the line. Skips lines that are empty or blank. Holds
 * one line at a time.
 */
final class LineReader implements Closeable {
  private static final int CHUNK = 1 << 16;

  /**
   * The longest line, in bytes. No topic takes such a record; the reader must not fill the heap.
   */
  private static final int LONGEST = 1 << 28;

  private final InputStream in;
  private final int longest;
  private byte[] buffer = new byte[CHUNK];
  private int start;
  private int end;
  private long number;

  LineReader(InputStream in) {
    this(in, LONGEST);
  }

  /**
   * @param longest length of a line, bytes
   */
  LineReader(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /**
   * Returns the next line with a character that is no blank, without its ending; null at the end.
   *
   * @throws IOException also if the line is longer than the limit
   */
  byte[] next() throws IOException {
    byte[] line = nextOrBlank();
    while (line != null && isBlank(line)) {
      line = nextOrBlank();
    }
    return line;
  }

  /** Returns the number of the last line that was returned, from 1. Blank lines count. */
  long number() {
    return number;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private byte[] nextOrBlank() throws IOException {
    number++;
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
    if (end - start > longest) {
      throw new IOException("line " + number + " is longer than " + longest + " bytes");
    }
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

package io.sessionize.producer;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads the values of records from a file, one a line, without blank lines. It holds one line at a
 * time: the file may be larger than memory, or a pipe.
 */
public final class RecordFile implements AutoCloseable {
  private final Path file;
  private final LineReader lines;

  private RecordFile(Path file, LineReader lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Opens a file.
   *
   * @throws Failure of usage, if the file cannot be read
   */
  public static RecordFile open(Path file) {
    if (Files.isDirectory(file)) {
      throw Failure.usage("--from-file must be a file, but '%s' is a folder.", file);
    }
    try {
      return new RecordFile(file, new LineReader(Files.newInputStream(file)));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Returns the next value, or null at the end. */
  public byte[] next() {
    try {
      return lines.next();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Returns the number of the last line that was returned, from 1. Blank lines count. */
  public long number() {
    return lines.number();
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static Failure unreadable(Path file, IOException e) {
    String why = e.getMessage();
    if (e instanceof NoSuchFileException) {
      why = "there is no such file";
    } else if (e instanceof AccessDeniedException) {
      why = "permission denied";
    }
    return Failure.usage("Cannot read --from-file '%s': %s.", file, why);
  }
}

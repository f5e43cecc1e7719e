package io.sessionize.producer;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads the lines of a file in order, each with its {@link LineKey uuid} as the key. It holds one
 * line at a time: the file may be larger than memory, or a pipe.
 */
public final class FileReplay implements MessageSource {
  private final Path file;
  private final LineReader lines;

  private FileReplay(Path file, LineReader lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Opens a file.
   *
   * @throws Failure of usage, if the file cannot be read
   */
  public static FileReplay open(Path file) {
    if (Files.isDirectory(file)) {
      throw Failure.usage("--from-file must be a file, but '%s' is a folder.", file);
    }
    try {
      return new FileReplay(file, new LineReader(Files.newInputStream(file)));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public Message next() {
    try {
      byte[] line = lines.next();
      return line == null ? null : new Message(LineKey.of(line), line, lines.number());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public long planned() {
    return -1;
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

package io.sessionize.producer;

import io.sessionize.Failure;
import java.nio.file.Path;

/** Reads the lines of a file in order, each with its {@link LineKey uuid} as the key. */
public final class FileReplay implements MessageSource {
  private final RecordFile lines;

  private FileReplay(RecordFile lines) {
    this.lines = lines;
  }

  /**
   * Opens a file.
   *
   * @throws Failure of usage, if the file cannot be read
   */
  public static FileReplay open(Path file) {
    return new FileReplay(RecordFile.open(file));
  }

  @Override
  public Message next() {
    byte[] line = lines.next();
    return line == null ? null : new Message(LineKey.of(line), line, lines.number());
  }

  @Override
  public long planned() {
    return -1;
  }

  @Override
  public void close() {
    lines.close();
  }
}

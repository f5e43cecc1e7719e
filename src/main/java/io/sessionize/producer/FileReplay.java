package io.sessionize.producer;

import io.sessionize.Failure;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** Reads the lines of a file in order, each with the id of its user as the key. */
public final class FileReplay implements MessageSource {
  private final RecordFile lines;
  private final UnaryOperator<byte[]> key;

  private FileReplay(RecordFile lines, UnaryOperator<byte[]> key) {
    this.lines = lines;
    this.key = key;
  }

  /**
   * Opens a file. The key of a line is its {@link LineKey field uuid}.
   *
   * @throws Failure of usage, if the file cannot be read
   */
  public static FileReplay open(Path file) {
    return open(file, LineKey::of);
  }

  /**
   * Opens a file.
   *
   * @param key returns the key of a line, or null
   * @throws Failure of usage, if the file cannot be read
   */
  public static FileReplay open(Path file, UnaryOperator<byte[]> key) {
    return new FileReplay(RecordFile.open(file), key);
  }

  @Override
  public Message next() {
    byte[] line = lines.next();
    return line == null ? null : new Message(key.apply(line), line, lines.number());
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

package io.sessionize.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that a command writes besides the tables. */
final class OutputFile {

  /** Writes the content of a file. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  private OutputFile() {}

  /** Returns whether {@link #replace} can be expected to succeed. */
  static boolean isWritable(Path file) {
    Path path = file.toAbsolutePath();
    boolean ofFolder = !Files.isDirectory(path) && Files.isWritable(path.getParent());
    return isDevice(path) ? Files.isWritable(path) : ofFolder;
  }

  private static boolean isDevice(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
  }

  /**
   * Replaces a file atomically, so that no reader sees half of it. If that fails, the old file
   * stays. A pipe or a device is not replaced, but written.
   */
  static void replace(Path file, Content content) throws IOException {
    Path path = file.toAbsolutePath();
    if (isDevice(path)) {
      write(path, content);
      return;
    }
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      write(temporary, content);
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // On a full disk, half a file takes the place that another one needs.
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static void write(Path path, Content content) throws IOException {
    try (OutputStream out = Files.newOutputStream(path)) {
      content.write(out);
    }
  }
}

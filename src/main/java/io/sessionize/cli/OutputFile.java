package io.sessionize.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;

/**
 * A file that a command writes besides the tables. Others may be able to write its folder: no
 * symbolic link that they plant there is followed, and they cannot know the name of the temporary
 * file.
 */
final class OutputFile {
  /** Folders that only the system writes. Their links, such as /dev/stdout, are followed. */
  private static final Set<Path> DEVICES = Set.of(Path.of("/dev"), Path.of("/dev/fd"));

  private static final SecureRandom RANDOM = new SecureRandom();

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

  /** Returns whether it is a pipe or a device, or one of the links to them in {@code /dev}. */
  private static boolean isDevice(Path path) {
    return Files.exists(path)
        && !Files.isRegularFile(path)
        && !Files.isDirectory(path)
        && (isOfTheSystem(path) || !Files.isSymbolicLink(path));
  }

  private static boolean isOfTheSystem(Path path) {
    return DEVICES.contains(path.normalize().getParent());
  }

  /**
   * Replaces a file atomically, so that no reader sees half of it. If that fails, the old file
   * stays. A link is replaced, not followed. A pipe or a device is not replaced, but written.
   */
  static void replace(Path file, Content content) throws IOException {
    Path path = file.toAbsolutePath();
    if (isDevice(path)) {
      if (isOfTheSystem(path)) {
        write(path, content, StandardOpenOption.WRITE);
      } else {
        write(path, content, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      }
      return;
    }
    Path temporary = temporary(path);
    try {
      write(temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      // On a full disk, half a file takes the place that another one needs.
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Returns a name beside the file that nobody can know in advance. */
  static Path temporary(Path file) {
    String random = Long.toUnsignedString(RANDOM.nextLong(), Character.MAX_RADIX);
    return file.resolveSibling("." + file.getFileName() + "." + random + ".tmp");
  }

  private static void write(Path path, Content content, OpenOption... options) throws IOException {
    try (OutputStream out = Files.newOutputStream(path, options)) {
      content.write(out);
    }
  }
}

package io.sessionize.cli;

import io.sessionize.spark.Protection;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Set;

/**
 * A file that a command writes besides the tables. Others may be able to write its folder: no
 * symbolic link or pipe that they plant there is used, and they cannot know the name of the
 * temporary file.
 */
final class OutputFile {
  /** Folders that only the system writes. What their links lead to is written, not replaced. */
  private static final Set<Path> DEVICES =
      Set.of(Path.of("/dev"), Path.of("/dev/fd"), Path.of("/proc/self/fd"));

  /** Open streams of the process. To open them a second time would write from the beginning. */
  private static final Map<String, FileDescriptor> STREAMS =
      Map.of(
          "/dev/stdout", FileDescriptor.out,
          "/dev/fd/1", FileDescriptor.out,
          "/proc/self/fd/1", FileDescriptor.out,
          "/dev/stderr", FileDescriptor.err,
          "/dev/fd/2", FileDescriptor.err,
          "/proc/self/fd/2", FileDescriptor.err);

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
    try {
      return isOfTheSystem(path) || isOwnPipe(path) ? Files.isWritable(path) : ofFolder;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isOfTheSystem(Path path) {
    return DEVICES.contains(path.normalize().getParent());
  }

  /** Returns whether it is a pipe or a device of this user: another user's pipe could be read. */
  private static boolean isOwnPipe(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isSymbolicLink(path)
        && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(thisUser());
  }

  /** Returns the owner of a new file: the name of the user may be unknown, as in a container. */
  private static UserPrincipal thisUser() throws IOException {
    Path file = Files.createTempFile("sessionize-owner-", null);
    try {
      return Files.getOwner(file);
    } finally {
      Files.delete(file);
    }
  }

  /**
   * Replaces a file atomically, so that no reader sees half of it. If that fails, the old file
   * stays. A link is replaced, not followed, and so is another user's pipe. An own pipe and what is
   * in {@code /dev} are written.
   */
  static void replace(Path file, Content content) throws IOException {
    Path path = file.toAbsolutePath();
    FileDescriptor stream = STREAMS.get(path.normalize().toString());
    if (stream != null) {
      // Not closed: the command prints to the same stream.
      content.write(new FileOutputStream(stream));
    } else if (isOfTheSystem(path)) {
      write(path, content, Set.of(StandardOpenOption.WRITE));
    } else if (isOwnPipe(path)) {
      write(path, content, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    } else {
      replaceAtomically(path, content);
    }
  }

  private static void replaceAtomically(Path path, Content content) throws IOException {
    Path temporary = temporary(path);
    try {
      write(
          temporary,
          content,
          Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          Protection.permissionsOfFile());
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

  private static void write(
      Path path, Content content, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    try (OutputStream out =
        Channels.newOutputStream(Files.newByteChannel(path, options, attributes))) {
      content.write(out);
    }
  }
}

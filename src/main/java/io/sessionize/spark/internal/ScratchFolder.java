package io.sessionize.spark.internal;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.util.ShutdownHookManager$;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders for the files that Spark spills and shuffles. They hold users' rows, so only their owner
 * can enter them. Each process has its own, removes it at its end, and removes those that killed
 * processes of the same user left.
 */
public final class ScratchFolder {
  /** With the host: the locks of another one may not be seen on a shared disk. */
  static final String PREFIX = "sessionize-scratch-" + host() + "-";

  /** A file that its process keeps locked, until it ends in any way. */
  static final String LOCK = ".lock";

  private static final Logger LOG = LoggerFactory.getLogger(ScratchFolder.class);

  private static final Map<Path, Path> OF_THIS_PROCESS = new HashMap<>();

  /** Keeps the locks reachable: a collected channel is closed, and its lock is released. */
  private static final Map<Path, FileLock> LOCKS = new HashMap<>();

  private ScratchFolder() {}

  /**
   * Returns the folder of this process within another folder, which is created if it is missing.
   *
   * @throws Failure of usage, if it cannot be written
   */
  public static synchronized Path within(Path parent) {
    try {
      // Two names of one folder must not lead to two locks.
      if (!Files.isDirectory(parent)) {
        Files.createDirectories(parent);
      }
      Path real = parent.toRealPath();
      Path folder = OF_THIS_PROCESS.get(real);
      if (folder == null) {
        folder = create(real);
        OF_THIS_PROCESS.put(real, folder);
      }
      return folder;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No space left")) {
        throw new UncheckedIOException(e);
      }
      throw Failure.usage(
          "The folder of Spark's temporary files, %s, cannot be written (%s): give --spark-conf"
              + " spark.local.dir=DIR.",
          parent, e.getClass().getSimpleName());
    }
  }

  private static Path create(Path parent) throws IOException {
    // The permissions of a temporary folder are 0700, whatever the umask.
    Path folder = Files.createTempDirectory(parent, PREFIX);
    ShutdownHookManager$.MODULE$.registerShutdownDeleteDir(folder.toFile());
    try {
      LOCKS.put(folder, lock(folder));
    } catch (IOException e) {
      LOG.warn(
          "{} has no locks ({}): what a killed run leaves there is not removed",
          parent,
          e.toString());
      return folder;
    }
    removeAbandoned(parent, folder);
    return folder;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.]", "_");
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** The file gets its name when it is locked, so that no other process finds it unlocked. */
  private static FileLock lock(Path folder) throws IOException {
    Path unnamed = folder.resolve(LOCK + ".new");
    FileChannel channel =
        FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    FileLock lock = channel.lock();
    Files.move(unnamed, folder.resolve(LOCK));
    return lock;
  }

  private static void removeAbandoned(Path parent, Path own) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        // To open the lock of this process a second time would release it.
        if (!LOCKS.containsKey(folder) && isOfSameOwner(folder, own) && isAbandoned(folder)) {
          delete(folder);
          LOG.info("Removed {}, which a killed process left", folder);
        }
      }
    } catch (IOException e) {
      LOG.warn(
          "The leavings of killed processes in {} cannot be removed: {}", parent, e.toString());
    }
  }

  /** Deletes without following links: another process could put one there meanwhile. */
  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isOfSameOwner(Path folder, Path own) throws IOException {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
  }

  private static boolean isAbandoned(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (NoSuchFileException e) {
      // Just created, or removed by another process.
      return false;
    }
  }
}

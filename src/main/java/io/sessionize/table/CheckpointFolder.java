package io.sessionize.table;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Collection;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of Spark's checkpoint, to be removed. A user gives its path, so it is removed only if
 * it holds what Spark writes and nothing else.
 */
final class CheckpointFolder {
  private static final String METADATA = "metadata";
  private static final Set<String> FOLDERS = Set.of("offsets", "commits", "sources", "state");

  private final Path path;
  private final Configuration hadoop;

  CheckpointFolder(String path, Configuration hadoop) {
    this.path = new Path(path);
    this.hadoop = hadoop;
  }

  boolean exists() {
    try {
      return path.getFileSystem(hadoop).exists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks that the folder may be removed.
   *
   * @param isDefault whether it has the name that the job gives it. Such a folder may be empty, or
   *     lack files: an earlier removal was interrupted
   * @param kept folders that it must not contain
   * @throws Failure of usage, if it holds anything but a checkpoint
   */
  void requireRemovable(boolean isDefault, Collection<String> kept) {
    for (String folder : kept) {
      if ((real(folder) + "/").startsWith(real(path.toString()) + "/")) {
        throw refused("it contains " + folder);
      }
    }
    try {
      boolean isCheckpoint = isDefault;
      for (FileStatus child : path.getFileSystem(hadoop).listStatus(path)) {
        String name = child.getPath().getName();
        boolean isHidden = child.isFile() && name.matches("\\..*\\.(crc|tmp)");
        boolean isKnown =
            child.isDirectory() ? FOLDERS.contains(name) : name.equals(METADATA) || isHidden;
        if (!isKnown) {
          throw refused("Spark did not write its " + name);
        }
        isCheckpoint |= name.equals(METADATA) || name.equals("offsets") || name.equals("commits");
      }
      if (!isCheckpoint) {
        throw refused("it has no metadata, offsets or commits");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Failure refused(String why) {
    return Failure.usage(
        "%s is not only a checkpoint of Spark: %s. Nothing was removed. Correct --checkpoint-location.",
        path, why);
  }

  void remove() {
    try {
      path.getFileSystem(hadoop).delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the full path without symbolic links, to compare it with others. */
  private String real(String folder) {
    URI uri =
        new Path(folder)
            .makeQualified(
                FileSystem.getDefaultUri(hadoop), new Path(System.getProperty("user.dir")))
            .toUri();
    if (!"file".equals(uri.getScheme())) {
      // Spark and Iceberg may name the same store s3a and s3.
      return new Path(uri).toString().replaceFirst("^s3[an]:", "s3:");
    }
    java.nio.file.Path local = java.nio.file.Path.of(uri.getPath());
    try {
      return Files.exists(local) ? local.toRealPath().toString() : local.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

package io.sessionize.spark;

import io.sessionize.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a session does with the folder of the embedded catalog. Only {@link #CREATE} creates the
 * folder or the catalog, so a mistyped name leaves nothing behind.
 */
public enum WarehouseAccess {
  /** Reads. The folder may be read-only, such as a snapshot of a disk. */
  READ,
  /** Reads and writes what exists. */
  CHANGE,
  /** Creates what is missing, reads and writes. */
  CREATE;

  /** The file of the embedded catalog in the folder. */
  static final String CATALOG = "catalog.db";

  private static final int SQLITE_OPEN_READONLY = 1;
  private static final int SQLITE_OPEN_READWRITE = 2;
  private static final int SQLITE_OPEN_CREATE = 4;

  /**
   * Checks the folder, and creates it if that is allowed.
   *
   * @throws Failure of usage, if this access is impossible
   */
  void prepare(Path folder) {
    if (this != CREATE && !hasCatalog(folder)) {
      throw Failure.usage(
          "Warehouse %s %s: the first run creates it. Check --warehouse.",
          folder, Files.isDirectory(folder) ? "has no " + CATALOG : "is not a folder");
    }
    if (this == READ) {
      return;
    }
    try {
      Files.createDirectories(folder, Protection.permissionsOfFolder());
      Files.delete(Files.createTempFile(folder, ".writable", null));
    } catch (IOException e) {
      if (StorageErrors.isFull(e)) {
        throw new UncheckedIOException(e);
      }
      throw Failure.usage(
          "Warehouse %s cannot be written (%s): give --warehouse a folder that can.",
          folder, e.getClass().getSimpleName());
    }
  }

  /** A crash while SQLite created the file leaves it empty. */
  private static boolean hasCatalog(Path folder) {
    try {
      return Files.size(folder.resolve(CATALOG)) > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns how SQLite opens the catalog. A reader needs a writable file only for one thing: a
   * writer that was killed within a commit leaves a journal, and the next one to open the file
   * takes that commit back. Until then nobody can read the file. So a reader opens it writable
   * where that is possible.
   */
  int openMode(Path folder) {
    if (this == CREATE) {
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    boolean writable = Files.isWritable(folder) && Files.isWritable(folder.resolve(CATALOG));
    return writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  }
}

package io.sessionize.spark;

import io.sessionize.Failure;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Explains exceptions of a disk that is full or cannot be written: names the folder and what to do.
 * Libraries throw them as many classes, but all repeat the words of the operating system or of
 * SQLite.
 */
public final class StorageErrors {
  private static final String FULL =
      "No space left on device|Disk quota exceeded|File too large|SQLITE_FULL";
  private static final String LOCKED = "Read-only file system|SQLITE_READONLY";
  private static final Pattern IS_FULL = Pattern.compile(FULL);
  private static final Pattern IS_LOCKED = Pattern.compile(LOCKED);

  /** The folder of the path before the reason: {@code /a/b: REASON} or {@code /a/b (REASON)}. */
  private static final Pattern FOLDER =
      Pattern.compile("(/[^\n:]*)/[^/\n:]*(?:: | \\()(?:" + FULL + "|" + LOCKED + ")");

  private static final String UNFINISHED = "SQLITE_READONLY_ROLLBACK";
  private static final String CATALOG = "SQLITE_";

  private StorageErrors() {}

  /**
   * Returns whether the exception says that a disk, a quota or a limit of file sizes is reached.
   */
  static boolean isFull(Throwable thrown) {
    return IS_FULL.matcher(String.valueOf(thrown.getMessage())).find();
  }

  /**
   * Returns the failure of a disk; empty if the exceptions are not about one, or if this job has
   * explained them already.
   *
   * @param chain an exception, and its causes in their order
   */
  public static Optional<Failure> explain(List<Throwable> chain) {
    Throwable whole = chain.get(0);
    String message =
        chain.stream()
            .takeWhile(t -> !(t instanceof Failure))
            .map(t -> String.valueOf(t.getMessage()))
            .collect(Collectors.joining("\n"));
    Matcher full = IS_FULL.matcher(message);
    if (full.find()) {
      return Optional.of(
          new Failure(
              Failure.Kind.OTHER,
              String.format(
                  "The disk is full (%s): nothing more can be written to %s. Free space there and run again:"
                      + " the tables keep their last commit.",
                  full.group(), folder(message)),
              whole));
    }
    if (message.contains(UNFINISHED)) {
      return Optional.of(
          Failure.usage(
              "%s was copied or stopped within a commit, and SQLite can end that commit only on a writable disk:"
                  + " copy the warehouse to one, or take another snapshot.",
              WarehouseAccess.CATALOG));
    }
    Matcher locked = IS_LOCKED.matcher(message);
    return locked.find()
        ? Optional.of(
            Failure.usage(
                "%s cannot be written (%s), but this command changes it: give --warehouse a folder that can.",
                folder(message), locked.group()))
        : Optional.empty();
  }

  private static String folder(String message) {
    Matcher folder = FOLDER.matcher(message);
    if (folder.find()) {
      return folder.group(1).isEmpty() ? "/" : folder.group(1);
    }
    // Spark does not name the files of its own temporary folder.
    return message.contains(CATALOG)
        ? WarehouseAccess.CATALOG + " of the warehouse"
        : "the folder of temporary files (" + temporary() + ")";
  }

  private static String temporary() {
    String ofSpark = System.getenv("SPARK_LOCAL_DIRS");
    return ofSpark == null
        ? "spark.local.dir, or " + System.getProperty("java.io.tmpdir")
        : ofSpark;
  }
}

package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;

/**
 * Removes one table set: the live view, the tables with their files, and the folder of Spark's
 * checkpoint. A part that does not exist is left out, so a removal that was interrupted can be
 * repeated.
 */
public final class TableRemoval {
  private final Catalog catalog;
  private final Configuration hadoop;
  private final Path checkpoint;
  private final TableIdentifier view;
  private final List<Part> parts = new ArrayList<>();
  private final boolean hasView;
  private final boolean hasCheckpoint;

  /**
   * One table that exists.
   *
   * @param rows in its current snapshot; null if that does not record them
   * @param bytes of the data files of its current snapshot; null if that does not record them
   */
  public record Part(TableIdentifier table, String location, Long rows, Long bytes) {}

  /**
   * Finds what exists.
   *
   * @param checkpoint folder of Spark's checkpoint
   * @throws Failure of usage, if a table of one of these names was not made by this job
   */
  public TableRemoval(SparkSession spark, TableNames names, String checkpoint) {
    this.catalog = Spark3Util.loadIcebergCatalog(spark, names.catalog());
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.checkpoint = new Path(checkpoint);
    this.view = identifier(names, names.live());
    // In the order of removal: staging without the sessions table is refused by a run.
    for (String name : List.of(names.rejected(), names.sessions(), names.open())) {
      try {
        parts.add(part(catalog.loadTable(identifier(names, name)), identifier(names, name)));
      } catch (NoSuchTableException e) {
        continue;
      }
    }
    this.hasView = catalog instanceof ViewCatalog views && views.viewExists(view);
    this.hasCheckpoint = exists(this.checkpoint);
  }

  private static TableIdentifier identifier(TableNames names, String name) {
    return TableIdentifier.of(names.database(), TableNames.simple(name));
  }

  private static Part part(Table table, TableIdentifier name) {
    if (!table.properties().containsKey(TableDefinition.VERSION)) {
      throw Failure.usage(
          "%s was not made by this job (it has no property %s): nothing was removed.",
          name, TableDefinition.VERSION);
    }
    Snapshot current = table.currentSnapshot();
    Map<String, String> summary = current == null ? Map.of() : current.summary();
    return new Part(
        name,
        table.location(),
        number(summary.get(SnapshotSummary.TOTAL_RECORDS_PROP)),
        number(summary.get(SnapshotSummary.TOTAL_FILE_SIZE_PROP)));
  }

  private static Long number(String text) {
    return text == null ? null : Long.valueOf(text);
  }

  /** Returns the tables that exist. */
  public List<Part> tables() {
    return List.copyOf(parts);
  }

  /** Returns the live view, or null if it does not exist. */
  public TableIdentifier view() {
    return hasView ? view : null;
  }

  /** Returns the folder of the checkpoint, or null if it does not exist. */
  public String checkpoint() {
    return hasCheckpoint ? checkpoint.toString() : null;
  }

  public boolean isEmpty() {
    return parts.isEmpty() && !hasView && !hasCheckpoint;
  }

  /**
   * Removes it all. A catalog is asked to remove the files too.
   *
   * @return the folders of tables in which files remain: no snapshot lists these
   */
  public List<String> execute() {
    if (hasView) {
      ((ViewCatalog) catalog).dropView(view);
    }
    List<String> remaining = new ArrayList<>();
    for (Part part : parts) {
      catalog.dropTable(part.table(), true);
      if (!removeEmptyFolders(new Path(part.location()))) {
        remaining.add(part.location());
      }
    }
    if (hasCheckpoint) {
      onFiles(checkpoint, files -> files.delete(checkpoint, true));
    }
    return remaining;
  }

  /** Removes the folders that the removed files leave. Returns whether nothing remains. */
  private boolean removeEmptyFolders(Path folder) {
    if (!"file".equals(fileSystem(folder).getScheme())) {
      // A store of objects has no folders, and listing one may not be allowed.
      return true;
    }
    return !exists(folder) || onFiles(folder, files -> removeEmpty(files, folder));
  }

  private static boolean removeEmpty(FileSystem files, Path folder) throws IOException {
    boolean isEmpty = true;
    for (FileStatus child : files.listStatus(folder)) {
      boolean isGone =
          child.isDirectory()
              ? removeEmpty(files, child.getPath())
              // Iceberg does not know the checksum files of the local file system.
              : child.getPath().getName().matches("\\..*\\.crc")
                  && files.delete(child.getPath(), false);
      isEmpty &= isGone;
    }
    return isEmpty && files.delete(folder, false);
  }

  private boolean exists(Path path) {
    return onFiles(path, files -> files.exists(path));
  }

  private interface Action {
    boolean execute(FileSystem files) throws IOException;
  }

  private FileSystem fileSystem(Path path) {
    try {
      return path.getFileSystem(hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean onFiles(Path path, Action action) {
    try {
      return action.execute(fileSystem(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

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
 * Removes one table set: the live view, the folder of Spark's checkpoint, and the tables with their
 * files. A part that does not exist is left out, so a removal that was interrupted can be repeated.
 *
 * <p>A catalog may forget a table before it removes the files. Files that remain are found on a
 * local file system only.
 */
public final class TableRemoval {
  private final Catalog catalog;
  private final Configuration hadoop;
  private final CheckpointFolder checkpoint;
  private final TableIdentifier view;
  private final String warehouse;
  private final List<Part> parts = new ArrayList<>();
  private final List<String> forgotten = new ArrayList<>();
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
   * @param isDefault whether that is the default folder of these tables
   * @throws Failure of usage, if a table of one of these names was not made by this job, or the
   *     folder of the checkpoint may not be removed
   */
  public TableRemoval(SparkSession spark, TableNames names, String checkpoint, boolean isDefault) {
    this.catalog = Spark3Util.loadIcebergCatalog(spark, names.catalog());
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.checkpoint = new CheckpointFolder(checkpoint, hadoop);
    this.view = identifier(names, names.live());
    this.warehouse = spark.conf().get("spark.sql.catalog." + names.catalog() + ".warehouse", null);
    // In the order of removal: staging without the sessions table is refused by a run.
    for (String name : List.of(names.rejected(), names.sessions(), names.open())) {
      TableIdentifier table = identifier(names, name);
      try {
        parts.add(part(catalog.loadTable(table), table));
      } catch (NoSuchTableException e) {
        String folder = warehouse + "/" + table.namespace() + "/" + table.name();
        if (warehouse != null && hasFiles(new Path(folder))) {
          forgotten.add(folder);
        }
      }
    }
    this.hasView = catalog instanceof ViewCatalog views && views.viewExists(view);
    this.hasCheckpoint = this.checkpoint.exists();
    if (hasCheckpoint) {
      requireRemovable(isDefault);
    }
  }

  private void requireRemovable(boolean isDefault) {
    if (!isDefault && parts.isEmpty()) {
      throw Failure.usage(
          "None of the tables exists, so --checkpoint-location %s may belong to other tables: nothing was"
              + " removed. Remove the folder yourself.",
          checkpoint);
    }
    List<String> kept = new ArrayList<>(parts.stream().map(Part::location).toList());
    if (warehouse != null) {
      kept.add(warehouse);
    }
    checkpoint.requireRemovable(isDefault, kept);
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

  /**
   * Returns the folders of tables that the catalog does not have: an earlier removal was
   * interrupted. They are not removed, because another catalog may have these tables.
   */
  public List<String> forgotten() {
    return List.copyOf(forgotten);
  }

  /** Returns the warehouse that the settings of the catalog name, or null. */
  public String warehouse() {
    return warehouse;
  }

  /** Whether there is nothing to remove. */
  public boolean isEmpty() {
    return parts.isEmpty() && !hasView && !hasCheckpoint;
  }

  /**
   * Removes it all. A catalog is asked to remove the files too; it only logs the files that it
   * could not remove.
   *
   * @return the local folders of tables in which files remain, and the folders of tables that
   *     something else removed from the catalog meanwhile
   */
  public List<String> execute() {
    if (hasView) {
      ((ViewCatalog) catalog).dropView(view);
    }
    if (hasCheckpoint) {
      // First: without it a run continues, and a folder without tables is not removed.
      checkpoint.remove();
    }
    List<String> remaining = new ArrayList<>(forgotten);
    for (Part part : parts) {
      boolean isRemoved = catalog.dropTable(part.table(), true);
      if (!removeEmptyFolders(new Path(part.location())) || !isRemoved) {
        remaining.add(part.location());
      }
    }
    return remaining;
  }

  /** Removes the folders that the removed files leave. Returns whether nothing remains. */
  private boolean removeEmptyFolders(Path folder) {
    // A store of objects has no folders, and listing one may not be allowed.
    return !isLocal(folder)
        || !exists(folder)
        || onFiles(folder, files -> removeEmpty(files, folder));
  }

  private boolean hasFiles(Path folder) {
    return isLocal(folder)
        && exists(folder)
        && onFiles(folder, files -> files.listFiles(folder, true).hasNext());
  }

  private boolean isLocal(Path path) {
    String scheme = path.toUri().getScheme();
    return "file".equals(scheme == null ? FileSystem.getDefaultUri(hadoop).getScheme() : scheme);
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

  private boolean onFiles(Path path, Action action) {
    try {
      return action.execute(path.getFileSystem(hadoop));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

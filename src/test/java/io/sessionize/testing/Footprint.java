package io.sessionize.testing;

import io.sessionize.summary.TableNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.view.BaseView;

/**
 * Everything that a run can change. Iceberg writes a new metadata file with every commit, of rows,
 * references, properties or columns, so the name of the file identifies its content.
 */
public record Footprint(Map<String, String> parts) {
  public static Footprint of(TableNames names, Path checkpoint) {
    Map<String, String> parts = new TreeMap<>();
    Catalog catalog = Spark3Util.loadIcebergCatalog(TestSpark.session(), names.catalog());
    for (String ending : new String[] {"", "_open", "_rejected"}) {
      TableIdentifier table = identifier(names, ending);
      if (catalog.tableExists(table)) {
        var operations = ((HasTableOperations) catalog.loadTable(table)).operations();
        parts.put(table.name(), operations.current().metadataFileLocation());
      }
    }
    TableIdentifier live = identifier(names, "_live");
    ViewCatalog views = (ViewCatalog) catalog;
    if (views.viewExists(live)) {
      BaseView view = (BaseView) views.loadView(live);
      parts.put(live.name(), view.operations().current().metadataFileLocation());
    }
    if (Files.exists(checkpoint)) {
      addFiles(checkpoint, parts);
    }
    return new Footprint(parts);
  }

  private static TableIdentifier identifier(TableNames names, String ending) {
    return TableIdentifier.of(Namespace.of(names.database()), names.table() + ending);
  }

  private static void addFiles(Path folder, Map<String, String> parts) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String content =
            Files.isDirectory(file) ? "folder" : Arrays.toString(Files.readAllBytes(file));
        parts.put(folder.relativize(file).toString(), content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

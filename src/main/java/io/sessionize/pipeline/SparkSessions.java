package io.sessionize.pipeline;

import io.sessionize.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.spark.SparkCatalog;
import org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session that everything works in, with the Iceberg catalog set up. */
public final class SparkSessions {
  private static final String DEFAULT_CATALOG = "spark.sql.defaultCatalog";
  private static final String EMBEDDED = "local";
  private static final int BUSY_TIMEOUT_MS = 60_000;

  private SparkSessions() {}

  /**
   * Starts a session, or takes the one that {@code spark-submit} has configured.
   *
   * @param warehouse a local folder for the embedded catalog, or whatever the user's own catalog
   *     takes
   * @param settings Spark configuration given on the command line
   * @throws Failure of usage, where the warehouse cannot be used
   */
  public static SparkSession start(String warehouse, Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    defaults().forEach(conf::setIfMissing);
    settings.forEach(conf::set);
    String catalog = conf.get(DEFAULT_CATALOG, EMBEDDED);
    if (!conf.contains("spark.sql.catalog." + catalog)) {
      embeddedCatalog(catalog, localFolder(warehouse)).forEach(conf::set);
    }
    conf.set(DEFAULT_CATALOG, catalog);
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** The name of the Iceberg catalog of this session. */
  public static String catalog(SparkSession spark) {
    return spark.conf().get(DEFAULT_CATALOG);
  }

  /**
   * The warehouse as a local folder that can be written to.
   *
   * @throws Failure of usage, where it is none
   */
  public static Path localFolder(String warehouse) {
    URI uri = URI.create(warehouse.replace(" ", "%20"));
    if (uri.getScheme() != null && !uri.getScheme().equals("file")) {
      throw Failure.usage(
          "Warehouse %s is not a local folder, so it needs an Iceberg catalog of yours:"
              + " give --spark-conf spark.sql.defaultCatalog=NAME and"
              + " --spark-conf spark.sql.catalog.NAME=org.apache.iceberg.spark.SparkCatalog with its settings.",
          warehouse);
    }
    Path folder =
        (uri.getScheme() == null ? Path.of(warehouse) : Path.of(uri)).toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".writable", null));
      return folder;
    } catch (IOException e) {
      throw Failure.usage(
          "Warehouse %s cannot be written (%s): give --warehouse a folder that can.",
          folder, e.getClass().getSimpleName());
    }
  }

  private static Map<String, String> defaults() {
    int cores = Runtime.getRuntime().availableProcessors();
    Map<String, String> defaults = new TreeMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.app.name", "sessionize");
    defaults.put("spark.ui.enabled", "false");
    // Spark's own catalog holds nothing of ours, but would make its folder where we were called.
    defaults.put(
        "spark.sql.warehouse.dir",
        Path.of(System.getProperty("java.io.tmpdir")).toUri().toString());
    defaults.put("spark.sql.extensions", IcebergSparkSessionExtensions.class.getName());
    defaults.put("spark.sql.session.timeZone", "UTC");
    defaults.put("spark.sql.shuffle.partitions", Integer.toString(Math.max(4, 2 * cores)));
    return defaults;
  }

  private static Map<String, String> embeddedCatalog(String name, Path warehouse) {
    String prefix = "spark.sql.catalog." + name;
    Map<String, String> catalog = new TreeMap<>();
    catalog.put(prefix, SparkCatalog.class.getName());
    catalog.put(prefix + ".type", "jdbc");
    catalog.put(
        prefix + ".uri",
        "jdbc:sqlite:" + warehouse.resolve("catalog.db") + "?busy_timeout=" + BUSY_TIMEOUT_MS);
    // Views need the newer layout of the catalog's own tables.
    catalog.put(prefix + ".jdbc.schema-version", "V1");
    catalog.put(prefix + ".warehouse", warehouse.toString());
    // A batch runs in a clone of the session, which has a catalog of its own: with a cache each
    // would see the other's commits late.
    catalog.put(prefix + ".cache-enabled", "false");
    return catalog;
  }
}

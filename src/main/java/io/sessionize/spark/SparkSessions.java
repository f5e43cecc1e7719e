package io.sessionize.spark;

import static java.util.stream.Collectors.joining;

import io.sessionize.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.spark.SparkCatalog;
import org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.collection.JavaConverters;

/** Starts the Spark session of a command, with the Iceberg catalog configured. */
public final class SparkSessions {
  private static final String DEFAULT_CATALOG = "spark.sql.defaultCatalog";
  private static final String CATALOGS = "spark.sql.catalog.";
  private static final String EMBEDDED = "local";
  private static final String EXTENSION = IcebergSparkSessionExtensions.class.getName();
  private static final int BUSY_TIMEOUT_MS = 60_000;
  private static final Logger LOG = LoggerFactory.getLogger(SparkSessions.class);

  /**
   * Settings of Iceberg's write-audit-publish, which only stages a commit or redirects it to
   * another branch.
   */
  private static final String WRITE_AUDIT_PUBLISH = "spark.wap.";

  private SparkSessions() {}

  /** Starts a session that may create the warehouse. */
  public static SparkSession start(String warehouse, Map<String, String> settings) {
    return start(warehouse, settings, WarehouseAccess.CREATE);
  }

  /**
   * Starts a session. Under {@code spark-submit}, it has the configuration given there.
   *
   * @param warehouse a local folder for the embedded catalog; ignored if the user has configured a
   *     catalog
   * @param settings Spark configuration given on the command line
   * @param access what the session does with the folder
   * @throws Failure of usage, if the warehouse or the catalog's settings cannot be used
   */
  public static SparkSession start(
      String warehouse, Map<String, String> settings, WarehouseAccess access) {
    SparkConf conf = checked(warehouse, settings, access);
    return start(conf, conf.get(DEFAULT_CATALOG));
  }

  /**
   * Checks the settings of a session without starting it.
   *
   * @throws Failure of usage, as {@link #start(String, Map, WarehouseAccess)}
   */
  public static void check(String warehouse, Map<String, String> settings, WarehouseAccess access) {
    checked(warehouse, settings, access);
  }

  private static SparkConf checked(
      String warehouse, Map<String, String> settings, WarehouseAccess access) {
    SparkConf conf = configuration(settings);
    String catalog = conf.get(DEFAULT_CATALOG, EMBEDDED);
    if (!catalog.matches("[A-Za-z0-9_-]+")) {
      throw Failure.usage(
          "%s must consist of letters, digits, underscores and dashes, not '%s'.",
          DEFAULT_CATALOG, catalog);
    }
    conf.set(DEFAULT_CATALOG, catalog);
    CatalogCredentials.requireEncrypted(conf);
    if (conf.contains(CATALOGS + catalog)) {
      return conf;
    }
    if (!catalog.equals(EMBEDDED)) {
      throw Failure.usage(
          "%s is %s, but %s%s is not set: configure that catalog, or remove the first setting.",
          DEFAULT_CATALOG, catalog, CATALOGS, catalog);
    }
    Path folder = localFolder(warehouse);
    access.prepare(folder);
    embeddedCatalog(folder, access).forEach(conf::set);
    return conf;
  }

  /**
   * Starts a session on the embedded catalog in this folder, and ignores any other configured
   * catalog.
   */
  public static SparkSession startEmbedded(Path folder, Map<String, String> settings) {
    SparkConf conf = configuration(settings);
    embeddedCatalog(folder.toAbsolutePath(), WarehouseAccess.CREATE).forEach(conf::set);
    return start(conf, EMBEDDED);
  }

  private static SparkSession start(SparkConf conf, String catalog) {
    Platform.check();
    Protection.prepare(conf);
    conf.set(DEFAULT_CATALOG, catalog);
    // Each session of a process has its own catalog. With a cache, a session would see the commits
    // of another session late.
    conf.set(CATALOGS + catalog + ".cache-enabled", "false");
    Set<String> redirecting = new TreeSet<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      if (setting._1.startsWith(WRITE_AUDIT_PUBLISH)) {
        redirecting.add(setting._1);
        conf.remove(setting._1);
      }
    }
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    // System properties and spark-submit can set options past this configuration.
    redirecting.addAll(removeRedirects(spark));
    if (!redirecting.isEmpty()) {
      LOG.warn(
          "Ignored: {}. A batch is written to its own branch and published from there.",
          String.join(", ", redirecting));
    }
    return spark;
  }

  /** Removes the settings that redirect the commits of a session, and returns their names. */
  private static Set<String> removeRedirects(SparkSession spark) {
    Set<String> redirecting = new TreeSet<>();
    for (String setting : JavaConverters.mapAsJavaMap(spark.conf().getAll()).keySet()) {
      if (setting.startsWith(WRITE_AUDIT_PUBLISH)) {
        redirecting.add(setting);
        spark.conf().unset(setting);
      }
    }
    return redirecting;
  }

  private static SparkConf configuration(Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    defaults().forEach(conf::setIfMissing);
    settings.forEach(conf::set);
    Protection.apply(conf);
    if (Protection.isLocal(conf)) {
      int cores = Runtime.getRuntime().availableProcessors();
      conf.setIfMissing("spark.sql.shuffle.partitions", Integer.toString(Math.max(4, 2 * cores)));
      // An executor that is out of memory exits with 52, but in local mode that is the driver's
      // process.
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
      // Local mode only: an executor must download the job's jar through the file system before it
      // could
      // load this class.
      conf.setIfMissing("spark.hadoop.fs.file.impl", LocalFiles.class.getName());
      conf.setIfMissing(
          "spark.hadoop.fs.AbstractFileSystem.file.impl", LocalFiles.ByContext.class.getName());
    }
    // The tables' types and days, and the reading of rows, must not depend on the user's settings.
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.timestampType", "TIMESTAMP_LTZ");
    conf.set("spark.sql.datetime.java8API.enabled", "false");
    // Tasks return Java records (statistics), which Spark's Kryo cannot read.
    conf.set("spark.serializer", JavaSerializer.class.getName());
    // No table is bucketed, and with this setting persist() clones the session: see KeptRows.
    conf.set("spark.sql.sources.bucketing.autoBucketedScan.enabled", "false");
    String extensions = conf.get("spark.sql.extensions", "");
    if (!extensions.contains(EXTENSION)) {
      conf.set(
          "spark.sql.extensions", extensions.isEmpty() ? EXTENSION : extensions + "," + EXTENSION);
    }
    return conf;
  }

  /**
   * Returns a session in which streams are started. Each stream clones its session with the
   * catalogs, and Spark never closes the clone's connections. So the default catalog of this
   * session is Spark's own, and the clone opens no Iceberg catalog.
   */
  public static SparkSession forStreams(SparkSession spark) {
    SparkSession streaming = spark.newSession();
    streaming.conf().set(DEFAULT_CATALOG, "spark_catalog");
    // A new session starts with the settings of the context.
    removeRedirects(streaming);
    return streaming;
  }

  /** Returns the name of the Iceberg catalog of this session. */
  public static String catalog(SparkSession spark) {
    return spark.conf().get(DEFAULT_CATALOG);
  }

  /**
   * Returns the warehouse as a local folder, which may not exist.
   *
   * @throws Failure of usage, if it is no local folder
   */
  private static Path localFolder(String warehouse) {
    boolean isUri = warehouse.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*");
    if (isUri && !warehouse.startsWith("file:/")) {
      throw Failure.usage(
          "Warehouse %s is not a local folder, so it needs your own Iceberg catalog:"
              + " give --spark-conf spark.sql.defaultCatalog=NAME and"
              + " --spark-conf spark.sql.catalog.NAME=org.apache.iceberg.spark.SparkCatalog with its settings.",
          warehouse);
    }
    if (warehouse.contains("?")) {
      // In the JDBC address of the catalog, the text after a question mark would be read as
      // settings.
      throw Failure.usage(
          "Warehouse %s has a question mark in its name: give --warehouse another folder.",
          warehouse);
    }
    return (isUri ? Path.of(URI.create(warehouse)) : Path.of(warehouse))
        .toAbsolutePath()
        .normalize();
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new TreeMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.app.name", "sessionize");
    defaults.put("spark.ui.enabled", "false");
    // Each query, and each change of its plan, formats a text of the plan for the user interface.
    defaults.put("spark.sql.ui.explainMode", "simple");
    // Spark's default is LZ4. Its fixed version (CVE-2025-12183) decompresses in plain Java, Snappy
    // is native.
    defaults.put("spark.io.compression.codec", "snappy");
    // Kept rows that do not fit into memory are written to disk through a stream. By default, it
    // keeps references to the last hundred objects: pieces of 256 kB.
    defaults.put("spark.serializer.objectStreamReset", "1");
    // The rows that a batch keeps are read two or three times only: compressing them costs more.
    defaults.put("spark.sql.inMemoryColumnarStorage.compressed", "false");
    // The same JVM options as in the launcher, for the same reasons.
    defaults.put("spark.executor.defaultJavaOptions", compilerOptions());
    // Names of files, like those of the driver, are UTF-8.
    defaults.put("spark.executorEnv.LC_ALL", "C.UTF-8");
    // The job does not use Spark's own catalog, which would create its folder in the working
    // directory.
    defaults.put(
        "spark.sql.warehouse.dir",
        Path.of(System.getProperty("java.io.tmpdir")).toUri().toString());
    return defaults;
  }

  private static Map<String, String> embeddedCatalog(Path warehouse, WarehouseAccess access) {
    String prefix = CATALOGS + EMBEDDED;
    Map<String, String> catalog = new TreeMap<>();
    catalog.put(prefix, SparkCatalog.class.getName());
    catalog.put(prefix + ".type", "jdbc");
    catalog.put(
        prefix + ".uri",
        "jdbc:sqlite:"
            + warehouse.resolve(WarehouseAccess.CATALOG)
            + "?busy_timeout="
            + BUSY_TIMEOUT_MS
            + "&open_mode="
            + access.openMode(warehouse));
    if (access == WarehouseAccess.READ) {
      catalog.put(prefix + ".jdbc.init-catalog-tables", "false");
    }
    // Views need the newer schema version of the catalog's tables.
    catalog.put(prefix + ".jdbc.schema-version", "V1");
    catalog.put(prefix + ".warehouse", warehouse.toString());
    return catalog;
  }

  private static String compilerOptions() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                SparkSessions.class.getResourceAsStream("/jvm/compiler.options"),
                StandardCharsets.UTF_8))) {
      return lines.lines().filter(line -> line.startsWith("-")).collect(joining(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.sessionize.spark;

import io.sessionize.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
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

/** The Spark session that everything works in, with the Iceberg catalog set up. */
public final class SparkSessions {
  private static final String DEFAULT_CATALOG = "spark.sql.defaultCatalog";
  private static final String CATALOGS = "spark.sql.catalog.";
  private static final String EMBEDDED = "local";
  private static final String EXTENSION = IcebergSparkSessionExtensions.class.getName();
  private static final int BUSY_TIMEOUT_MS = 60_000;
  private static final Logger LOG = LoggerFactory.getLogger(SparkSessions.class);

  /** Iceberg's write-audit-publish, which stages what is written, or sends it to its own branch. */
  private static final String WRITE_AUDIT_PUBLISH = "spark.wap.";

  private SparkSessions() {}

  /**
   * Starts a session, or takes the one that {@code spark-submit} has configured.
   *
   * @param warehouse a local folder for the embedded catalog; not looked at where the user has
   *     configured a catalog
   * @param settings Spark configuration given on the command line
   * @throws Failure of usage, where the warehouse cannot be used
   */
  public static SparkSession start(String warehouse, Map<String, String> settings) {
    SparkConf conf = checked(warehouse, settings);
    return start(conf, conf.get(DEFAULT_CATALOG));
  }

  /**
   * Checks what a session would be started with, which takes no time.
   *
   * @throws Failure of usage, as {@link #start(String, Map)}
   */
  public static void check(String warehouse, Map<String, String> settings) {
    checked(warehouse, settings);
  }

  private static SparkConf checked(String warehouse, Map<String, String> settings) {
    SparkConf conf = configuration(settings);
    String catalog = conf.get(DEFAULT_CATALOG, EMBEDDED);
    if (!catalog.matches("[A-Za-z0-9_-]+")) {
      throw Failure.usage(
          "%s must be a name of letters, digits, underscores and dashes, not '%s'.",
          DEFAULT_CATALOG, catalog);
    }
    conf.set(DEFAULT_CATALOG, catalog);
    if (conf.contains(CATALOGS + catalog)) {
      return conf;
    }
    if (!catalog.equals(EMBEDDED)) {
      throw Failure.usage(
          "%s is %s, but %s%s is not set: configure that catalog, or leave out the first.",
          DEFAULT_CATALOG, catalog, CATALOGS, catalog);
    }
    embeddedCatalog(localFolder(warehouse)).forEach(conf::set);
    return conf;
  }

  /** Starts a session on the embedded catalog in this folder, whatever else is configured. */
  public static SparkSession startEmbedded(Path folder, Map<String, String> settings) {
    SparkConf conf = configuration(settings);
    embeddedCatalog(folder.toAbsolutePath()).forEach(conf::set);
    return start(conf, EMBEDDED);
  }

  private static SparkSession start(SparkConf conf, String catalog) {
    Platform.check();
    conf.set(DEFAULT_CATALOG, catalog);
    // Several sessions of one process have a catalog each: with a cache they would see each
    // other's commits late.
    conf.set(CATALOGS + catalog + ".cache-enabled", "false");
    Set<String> diverting = new TreeSet<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      if (setting._1.startsWith(WRITE_AUDIT_PUBLISH)) {
        diverting.add(setting._1);
        conf.remove(setting._1);
      }
    }
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    // What Java or spark-submit was given finds its way around our configuration.
    diverting.addAll(undivert(spark));
    if (!diverting.isEmpty()) {
      LOG.warn(
          "Not used: {}. A batch is written to a branch of its own and published from there.",
          String.join(", ", diverting));
    }
    return spark;
  }

  /** Removes the settings that redirect what a session writes, and returns their names. */
  private static Set<String> undivert(SparkSession spark) {
    Set<String> diverting = new TreeSet<>();
    for (String setting : JavaConverters.mapAsJavaMap(spark.conf().getAll()).keySet()) {
      if (setting.startsWith(WRITE_AUDIT_PUBLISH)) {
        diverting.add(setting);
        spark.conf().unset(setting);
      }
    }
    return diverting;
  }

  private static SparkConf configuration(Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    defaults().forEach(conf::setIfMissing);
    settings.forEach(conf::set);
    if (conf.get("spark.master").matches("local(\\[.*)?")) {
      int cores = Runtime.getRuntime().availableProcessors();
      conf.setIfMissing("spark.sql.shuffle.partitions", Integer.toString(Math.max(4, 2 * cores)));
      // An executor that is out of memory ends its process with 52, but here that process is ours.
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
      // This process has our classes from the start; executors fetch them through such files.
      conf.setIfMissing("spark.hadoop.fs.file.impl", LocalFiles.class.getName());
      conf.setIfMissing(
          "spark.hadoop.fs.AbstractFileSystem.file.impl", LocalFiles.ByContext.class.getName());
    }
    // The tables' types and days, and how rows are read, do not depend on anybody's settings.
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.timestampType", "TIMESTAMP_LTZ");
    conf.set("spark.sql.datetime.java8API.enabled", "false");
    // What batches add up to are records, which Spark's Kryo cannot read.
    conf.set("spark.serializer", JavaSerializer.class.getName());
    // Nothing here is bucketed, and where this is on persist() clones the session: see KeptRows.
    conf.set("spark.sql.sources.bucketing.autoBucketedScan.enabled", "false");
    String extensions = conf.get("spark.sql.extensions", "");
    if (!extensions.contains(EXTENSION)) {
      conf.set(
          "spark.sql.extensions", extensions.isEmpty() ? EXTENSION : extensions + "," + EXTENSION);
    }
    return conf;
  }

  /**
   * A session to start streams in. Each stream clones its session, catalogs and all, and nobody
   * closes what the clone has opened: so this one has none to open.
   */
  static SparkSession forStreams(SparkSession spark) {
    SparkSession streaming = spark.newSession();
    streaming.conf().set(DEFAULT_CATALOG, "spark_catalog");
    // A new session has again what the context was given.
    undivert(streaming);
    return streaming;
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
    boolean isUri = warehouse.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*");
    if (isUri && !warehouse.startsWith("file:/")) {
      throw Failure.usage(
          "Warehouse %s is not a local folder, so it needs an Iceberg catalog of yours:"
              + " give --spark-conf spark.sql.defaultCatalog=NAME and"
              + " --spark-conf spark.sql.catalog.NAME=org.apache.iceberg.spark.SparkCatalog with its settings.",
          warehouse);
    }
    if (warehouse.contains("?")) {
      // What follows it in the catalog's JDBC address would be taken for settings.
      throw Failure.usage(
          "Warehouse %s has a question mark in its name: give --warehouse another folder.",
          warehouse);
    }
    Path folder =
        (isUri ? Path.of(URI.create(warehouse)) : Path.of(warehouse)).toAbsolutePath().normalize();
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
    Map<String, String> defaults = new TreeMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.app.name", "sessionize");
    defaults.put("spark.ui.enabled", "false");
    // What does not fit into memory goes to disk through a stream that by default holds on to the
    // last hundred of its objects, batches of rows of at least 4 MB where rows are big.
    defaults.put("spark.serializer.objectStreamReset", "1");
    // What a batch keeps is read two or three times and forgotten: compressing it costs more.
    defaults.put("spark.sql.inMemoryColumnarStorage.compressed", "false");
    // As the launcher has it for its own process, and for the same reasons.
    defaults.put(
        "spark.executor.defaultJavaOptions",
        "-XX:+IgnoreUnrecognizedVMOptions -XX:-DontCompileHugeMethods -XX:Tier4InvocationThreshold=100000"
            + " -XX:Tier4MinInvocationThreshold=10000 -XX:Tier4CompileThreshold=200000"
            + " -XX:Tier4BackEdgeThreshold=400000");
    // Spark's own catalog holds nothing of ours, but would make its folder where we were called.
    defaults.put(
        "spark.sql.warehouse.dir",
        Path.of(System.getProperty("java.io.tmpdir")).toUri().toString());
    return defaults;
  }

  private static Map<String, String> embeddedCatalog(Path warehouse) {
    String prefix = CATALOGS + EMBEDDED;
    Map<String, String> catalog = new TreeMap<>();
    catalog.put(prefix, SparkCatalog.class.getName());
    catalog.put(prefix + ".type", "jdbc");
    catalog.put(
        prefix + ".uri",
        "jdbc:sqlite:" + warehouse.resolve("catalog.db") + "?busy_timeout=" + BUSY_TIMEOUT_MS);
    // Views need the newer layout of the catalog's own tables.
    catalog.put(prefix + ".jdbc.schema-version", "V1");
    catalog.put(prefix + ".warehouse", warehouse.toString());
    return catalog;
  }
}

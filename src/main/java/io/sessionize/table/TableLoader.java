package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads tables of the job's catalog as they are now. */
final class TableLoader {
  private static final Logger LOG = LoggerFactory.getLogger(TableLoader.class);

  /** A REST catalog may give credentials with a table, which a refresh does not renew. */
  private static final Duration KEEP = Duration.ofMinutes(5);

  private final SparkSession spark;
  private final TableNames names;
  private final boolean keeps;
  private final LongSupplier clock;
  private final Map<String, Kept> kept = new HashMap<>();
  private final RejectedEnd rejectedEnd = new RejectedEnd();

  /**
   * A table that was loaded.
   *
   * @param atNs when, on the clock of the loader
   */
  private record Kept(Table table, long atNs) {}

  private TableLoader(SparkSession spark, TableNames names, boolean keeps, LongSupplier clock) {
    this.spark = spark;
    this.names = names;
    this.keeps = keeps;
    this.clock = clock;
  }

  static TableLoader of(SparkSession spark, TableNames names) {
    return new TableLoader(spark, names, false, System::nanoTime);
  }

  /**
   * A loader that refreshes a table it has loaded before: Iceberg then parses the metadata only if
   * the table has changed. All that hold the table see the new state. After some minutes it loads
   * the table anew. It also keeps what is known of the rejected table.
   */
  static TableLoader keeping(SparkSession spark, TableNames names) {
    return keeping(spark, names, System::nanoTime);
  }

  /**
   * @param clock nanoseconds from any time on
   */
  static TableLoader keeping(SparkSession spark, TableNames names, LongSupplier clock) {
    return new TableLoader(spark, names, true, clock);
  }

  /** Loads all tables anew when they are next used. */
  void forget() {
    kept.clear();
  }

  /** Returns what is known of the rejected table; empty, if this loader keeps nothing. */
  Optional<RejectedEnd> rejectedEnd() {
    return keeps ? Optional.of(rejectedEnd) : Optional.empty();
  }

  /** Returns a table by its qualified name; empty if it does not exist. */
  Optional<Table> find(String table) {
    Optional<Table> known = known(table);
    if (known.isPresent() && isRefreshed(known.get())) {
      return known;
    }
    long now = clock.getAsLong();
    Optional<Table> found = loaded(table);
    if (keeps) {
      found.ifPresent(current -> kept.put(table, new Kept(current, now)));
    }
    return found;
  }

  private Optional<Table> known(String table) {
    return Optional.ofNullable(kept.get(table))
        .filter(loaded -> clock.getAsLong() - loaded.atNs < KEEP.toNanos())
        .map(Kept::table);
  }

  /**
   * Returns a table that holds a snapshot, as it was last read, if this loader keeps it. Otherwise,
   * as {@link #load}.
   */
  Table holding(String table, long snapshotId) {
    return known(table)
        .filter(known -> known.snapshot(snapshotId) != null)
        .orElseGet(() -> load(table));
  }

  /**
   * Whether a snapshot of a table was expired.
   *
   * @param failed why it is asked; gets the failure, if the table cannot be loaded: the catalog may
   *     be away too
   */
  boolean lacks(String table, long snapshot, Exception failed) {
    try {
      return load(table).snapshot(snapshot) == null;
    } catch (Exception e) {
      failed.addSuppressed(e);
      return false;
    }
  }

  /**
   * Returns a table by its qualified name.
   *
   * @throws Failure of usage, if it does not exist
   */
  Table load(String table) {
    return find(table)
        .orElseThrow(
            () ->
                Failure.usage(
                    "There is no table %s: the first run creates it."
                        + " Check --warehouse, --iceberg-database and --iceberg-table.",
                    TableNames.plain(table)));
  }

  private boolean isRefreshed(Table known) {
    try {
      known.refresh();
      return true;
    } catch (RuntimeException e) {
      // It was dropped, or dropped and created again. If the catalog is away, loading says so.
      LOG.info("The tables are loaded again: {}: {}", known.name(), e.getMessage());
      // The others were probably dropped too, and a refresh does not always notice it.
      forget();
      return false;
    }
  }

  private Optional<Table> loaded(String table) {
    try {
      return Optional.of(
          Spark3Util.loadIcebergCatalog(spark, names.catalog())
              .loadTable(TableIdentifier.of(names.database(), TableNames.simple(table))));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }
}

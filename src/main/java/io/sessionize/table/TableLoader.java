package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

  private final SparkSession spark;
  private final TableNames names;
  private final boolean keeps;
  private final Map<String, Table> kept = new HashMap<>();
  private final RejectedEnd rejectedEnd = new RejectedEnd();

  private TableLoader(SparkSession spark, TableNames names, boolean keeps) {
    this.spark = spark;
    this.names = names;
    this.keeps = keeps;
  }

  static TableLoader of(SparkSession spark, TableNames names) {
    return new TableLoader(spark, names, false);
  }

  /**
   * A loader that refreshes a table it has loaded before: Iceberg then parses the metadata only if
   * the table has changed. All that hold the table see the new state. It also keeps what is known
   * of the rejected table.
   */
  static TableLoader keeping(SparkSession spark, TableNames names) {
    return new TableLoader(spark, names, true);
  }

  /** Returns what is known of the rejected table; empty, if this loader keeps nothing. */
  Optional<RejectedEnd> rejectedEnd() {
    return keeps ? Optional.of(rejectedEnd) : Optional.empty();
  }

  /** Returns a table by its qualified name; empty if it does not exist. */
  Optional<Table> find(String table) {
    Optional<Table> known = Optional.ofNullable(kept.remove(table)).filter(this::isRefreshed);
    Optional<Table> found = known.isPresent() ? known : loaded(table);
    if (keeps) {
      found.ifPresent(current -> kept.put(table, current));
    }
    return found;
  }

  /**
   * Returns a table that holds a snapshot, as it was last read, if this loader keeps it. Otherwise,
   * as {@link #load}.
   */
  Table holding(String table, long snapshotId) {
    Table known = kept.get(table);
    return known != null && known.snapshot(snapshotId) != null ? known : load(table);
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
      LOG.info("{} is loaded again: {}", known.name(), e.getMessage());
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

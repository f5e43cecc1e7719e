package io.sessionize.maintenance;

import io.sessionize.Failure;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Lineage;
import io.sessionize.table.SessionTables;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.SparkSession;

/**
 * Keeps the tables small: expires snapshots and compacts files. Daily tags, and the snapshots that
 * the next run needs, are kept. Runs may commit at the same time: a day whose rows they change
 * meanwhile is left for the next time.
 */
public final class Maintenance {
  private final SparkSession spark;
  private final TableNames names;
  private final SessionTables tables;
  private final Policy policy;
  private final LongSupplier clock;

  /**
   * Says how long snapshots are kept.
   *
   * @param keepSnapshots how long every snapshot is kept
   * @param keepTags how long the snapshots of daily tags are kept
   * @param keepHourlyTags how long those of hourly tags are kept; 0 to make none
   * @param dryRun whether to report what would be done, and write nothing
   */
  public record Policy(
      Duration keepSnapshots, Duration keepTags, Duration keepHourlyTags, boolean dryRun) {

    /** A policy without hourly tags. */
    public Policy(Duration keepSnapshots, Duration keepTags, boolean dryRun) {
      this(keepSnapshots, keepTags, Duration.ZERO, dryRun);
    }

    private List<AuditTags.Kept> tags() {
      return Stream.of(
              new AuditTags.Kept(AuditTags.Period.DAY, keepTags),
              new AuditTags.Kept(AuditTags.Period.HOUR, keepHourlyTags))
          .filter(kept -> !kept.age().isZero())
          .toList();
    }
  }

  /**
   * @param clock current time, epoch milliseconds
   */
  public Maintenance(SparkSession spark, TableNames names, Policy policy, LongSupplier clock) {
    this.spark = spark;
    this.names = names;
    this.tables = new SessionTables(spark, names);
    this.policy = policy;
    this.clock = clock;
  }

  /**
   * Tags, expires and compacts all tables. Runs Spark jobs.
   *
   * @param listener called with each step when it is done
   * @throws Failure broken, if the tables do not belong together, because the snapshots that could
   *     repair them must not be expired
   */
  public void execute(Consumer<MaintenanceStep> listener) {
    tables.base();
    Table sessions = load(names.sessions());
    Table open = load(names.open());
    Table rejected = load(names.rejected());
    Set<Long> tagged = tag(sessions, open, listener);
    // First, so that old files are deleted whatever becomes of the compaction.
    repeatSummaries(sessions, open);
    expire(sessions, names.sessions(), tagged, listener);
    expire(open, names.open(), tagged, listener);
    expire(rejected, names.rejected(), tagged, listener);
    boolean compacted = compaction(sessions, names.sessions(), listener).execute();
    compacted |= compaction(rejected, names.rejected(), listener).execute();
    if (compacted) {
      repeatSummaries(sessions, open);
      expireCompacted(sessions, names.sessions(), tagged, listener);
      expireCompacted(rejected, names.rejected(), tagged, listener);
    }
  }

  /** Creates the tags that are due. */
  void tag(Consumer<MaintenanceStep> listener) {
    tables.base();
    tag(load(names.sessions()), load(names.open()), listener);
  }

  /** Expires the snapshots of a table. */
  void expire(String name, Consumer<MaintenanceStep> listener) {
    tables.base();
    repeatSummaries(load(names.sessions()), load(names.open()));
    listener.accept(expireSnapshots(load(name), name, Set.of()));
  }

  /** Deletes the orphan files of a table. */
  void deleteOrphans(String name, Consumer<MaintenanceStep> listener) {
    listener.accept(expiry(load(name), name).orphans(clock.getAsLong()));
  }

  /** Returns the compaction of a table as it is now. */
  Compaction compaction(String name, Consumer<MaintenanceStep> listener) {
    return compaction(load(name), name, listener);
  }

  private Compaction compaction(Table table, String name, Consumer<MaintenanceStep> listener) {
    boolean isSorted = name.equals(names.sessions());
    SortOrder byUser = isSorted ? SortOrder.builderFor(table.schema()).asc("uuid").build() : null;
    return new Compaction(spark, table, name, byUser, policy.dryRun(), listener);
  }

  /** Returns the ids of the snapshots that the tags hold, of both tables. */
  private Set<Long> tag(Table sessions, Table open, Consumer<MaintenanceStep> listener) {
    AuditTags tags = AuditTags.due(sessions, open, policy.tags(), clock.getAsLong());
    if (!policy.dryRun()) {
      tags.create();
    }
    String both = TableNames.plain(names.sessions()) + ", " + TableNames.plain(names.open());
    listener.accept(new MaintenanceStep(both, Kind.TAGS, 0, tags.names().size(), 0, tags.names()));
    return tags.snapshots();
  }

  /**
   * Repeats the newest summaries in the current snapshots of both tables, so that the next run
   * needs no older snapshot.
   */
  private void repeatSummaries(Table sessions, Table open) {
    if (policy.dryRun()) {
      return;
    }
    Base base = tables.base();
    open.refresh();
    if (!RunSummary.isIn(open.currentSnapshot().summary())) {
      Lineage.repeatSummary(open, names.open(), Map.of());
      open.refresh();
    }
    sessions.refresh();
    if (base.sessions().isEmpty()) {
      // There is no summary to repeat. The next run writes one.
      return;
    }
    boolean hasSummary = RunSummary.isIn(sessions.currentSnapshot().summary());
    if (!hasSummary || base.outOfSync() && !Lineage.isBuiltOn(base.sessions().get(), open)) {
      // Records that the tables belong together, because the expired history can no longer show it.
      long openSnapshot = open.currentSnapshot().snapshotId();
      Lineage.repeatSummary(sessions, names.sessions(), RunSummary.builtOn(openSnapshot));
    }
  }

  private void expire(
      Table table, String name, Set<Long> tagged, Consumer<MaintenanceStep> listener) {
    listener.accept(expireSnapshots(table, name, tagged));
    listener.accept(expiry(table, name).orphans(clock.getAsLong()));
  }

  /** With a short retention, the files before the compaction are deleted at once. */
  private void expireCompacted(
      Table table, String name, Set<Long> tagged, Consumer<MaintenanceStep> listener) {
    MaintenanceStep expired = expireSnapshots(table, name, tagged);
    if (expired.before() > expired.after()) {
      listener.accept(expired);
    }
  }

  private MaintenanceStep expireSnapshots(Table table, String name, Set<Long> tagged) {
    long olderThanMs = clock.getAsLong() - policy.keepSnapshots().toMillis();
    return expiry(table, name).snapshots(olderThanMs, tagged);
  }

  private Expiry expiry(Table table, String name) {
    return new Expiry(spark, table, name, policy.dryRun());
  }

  private Table load(String name) {
    Table table = tables.load(name);
    if (!PropertyUtil.propertyAsBoolean(table.properties(), TableProperties.GC_ENABLED, true)) {
      throw Failure.usage(
          "%s has gc.enabled=false, so maintain must not delete its files. Set gc.enabled=true if"
              + " this job owns them.",
          TableNames.plain(name));
    }
    return table;
  }
}

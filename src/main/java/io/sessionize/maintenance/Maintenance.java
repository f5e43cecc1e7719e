package io.sessionize.maintenance;

import io.sessionize.Failure;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Lineage;
import io.sessionize.table.SessionTables;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.SparkSession;

/**
 * What keeps the tables small: compaction, and expiry that spares the daily tags and whatever the
 * next run needs. Runs may go on beside it; of two that meet one ends with a conflict, and nothing
 * is lost.
 */
public final class Maintenance {
  private final SparkSession spark;
  private final TableNames names;
  private final SessionTables tables;
  private final Policy policy;
  private final LongSupplier clock;

  /**
   * What is kept.
   *
   * @param keepSnapshots how long every snapshot is kept
   * @param keepTags how long the daily ones are
   * @param dryRun to tell what would be done, and write nothing
   */
  public record Policy(Duration keepSnapshots, Duration keepTags, boolean dryRun) {}

  /**
   * @param clock epoch milliseconds
   */
  public Maintenance(SparkSession spark, TableNames names, Policy policy, LongSupplier clock) {
    this.spark = spark;
    this.names = names;
    this.tables = new SessionTables(spark, names);
    this.policy = policy;
    this.clock = clock;
  }

  /**
   * Does all of it.
   *
   * @param told of each step when it is done
   * @throws Failure conflict, where a run was faster; broken, where the tables do not belong
   *     together: what could put them right must not be expired
   */
  public void execute(Consumer<MaintenanceStep> told) {
    tables.base();
    Table sessions = load(names.sessions());
    Table open = load(names.open());
    Table rejected = load(names.rejected());
    DailyTags tags = tag(sessions, open, told);
    SortOrder byUser = SortOrder.builderFor(sessions.schema()).asc("uuid").build();
    compact(sessions, names.sessions(), byUser, told);
    compact(rejected, names.rejected(), null, told);
    if (!policy.dryRun()) {
      carryOn(sessions, open);
    }
    expire(sessions, names.sessions(), tags, told);
    expire(open, names.open(), tags, told);
    expire(rejected, names.rejected(), tags, told);
  }

  private DailyTags tag(Table sessions, Table open, Consumer<MaintenanceStep> told) {
    DailyTags tags =
        DailyTags.due(sessions, open, clock.getAsLong() - policy.keepTags().toMillis());
    if (!policy.dryRun()) {
      tags.make(policy.keepTags().toMillis());
    }
    String both = TableNames.plain(names.sessions()) + ", " + TableNames.plain(names.open());
    told.accept(new MaintenanceStep(both, Kind.TAGS, 0, tags.names().size(), 0, tags.names()));
    return tags;
  }

  private void compact(Table table, String name, SortOrder order, Consumer<MaintenanceStep> told) {
    new Compaction(spark, table, name, order, policy.dryRun(), told).execute();
  }

  /** Makes both current snapshots say, without those before them, what the next run has to know. */
  private void carryOn(Table sessions, Table open) {
    Base base = tables.base();
    open.refresh();
    if (!RunSummary.isIn(open.currentSnapshot().summary())) {
      Lineage.carryOn(open, names.open(), Map.of());
      open.refresh();
    }
    sessions.refresh();
    if (base.sessions().isEmpty()) {
      // Nothing to repeat: the next run writes a summary again.
      return;
    }
    boolean saysIt = RunSummary.isIn(sessions.currentSnapshot().summary());
    if (!saysIt || base.apart() && !Lineage.isBuiltOn(base.sessions().get(), open)) {
      // That the two belong together is known now, and not where the history ends after it.
      long openSnapshot = open.currentSnapshot().snapshotId();
      Lineage.carryOn(sessions, names.sessions(), RunSummary.builtOn(openSnapshot));
    }
  }

  private void expire(Table table, String name, DailyTags tags, Consumer<MaintenanceStep> told) {
    Expiry expiry = new Expiry(spark, table, name, policy.dryRun());
    long now = clock.getAsLong();
    told.accept(expiry.snapshots(now - policy.keepSnapshots().toMillis(), tags.snapshots()));
    told.accept(expiry.orphans(now));
  }

  private Table load(String name) {
    Table table = tables.load(name);
    if (!PropertyUtil.propertyAsBoolean(table.properties(), TableProperties.GC_ENABLED, true)) {
      throw Failure.usage(
          "%s has gc.enabled=false: its files are not ours to delete. Set it to true where they are.",
          TableNames.plain(name));
    }
    return table;
  }
}

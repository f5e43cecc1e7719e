package io.sessionize.cli;

import io.sessionize.maintenance.Maintenance;
import io.sessionize.spark.WarehouseAccess;
import java.util.List;

/** {@code maintain}: compacts the tables, and expires snapshots and tags past their retention. */
final class MaintainCommand extends TableCommand {
  private static final String NAME = "maintain";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Compact the tables, tag each day, and expire old snapshots and tags";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.KEEP_SNAPSHOTS,
        Opt.KEEP_TAGS,
        Opt.DRY_RUN,
        OptGroup.TABLES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "the tables are consistent; run it again.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    Maintenance.Policy policy =
        new Maintenance.Policy(
            arguments.duration(Opt.KEEP_SNAPSHOTS),
            arguments.duration(Opt.KEEP_TAGS),
            arguments.has(Opt.DRY_RUN));
    return context -> {
      MaintenancePrinter printer = new MaintenancePrinter(context.out(), policy.dryRun());
      RowsProgress progress = RowsProgress.lines(context.spark(), NAME);
      try {
        new Maintenance(context.spark(), context.names(), policy, System::currentTimeMillis)
            .execute(printer::print);
      } finally {
        progress.close();
      }
      printer.end();
    };
  }
}

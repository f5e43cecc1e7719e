package io.sessionize.cli;

import io.sessionize.maintenance.Maintenance;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** {@code maintain}: keeps the tables small, and their past as long as it was asked for. */
final class MaintainCommand implements Command {

  @Override
  public String name() {
    return "maintain";
  }

  @Override
  public String summary() {
    return "Compact the tables, tag each day, and expire what is older";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.KEEP_SNAPSHOTS,
        Opt.KEEP_TAGS,
        Opt.DRY_RUN,
        Opt.ICEBERG_DATABASE,
        Opt.ICEBERG_TABLE,
        Opt.WAREHOUSE,
        Opt.SPARK_CONF,
        Opt.LOG_LEVEL,
        Opt.VERBOSE,
        Opt.HELP);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    arguments.expectWords(List.of());
    JobOptions.read(arguments, "unknown yet");
    Maintenance.Policy policy =
        new Maintenance.Policy(
            arguments.duration(Opt.KEEP_SNAPSHOTS),
            arguments.duration(Opt.KEEP_TAGS),
            arguments.has(Opt.DRY_RUN));
    Interruption.endsTheProcess("the tables are whole: start it again.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      TableNames names = JobOptions.read(arguments, SparkSessions.catalog(spark)).names();
      MaintenancePrinter printer = new MaintenancePrinter(out, policy.dryRun());
      new Maintenance(spark, names, policy, System::currentTimeMillis).execute(printer::print);
      printer.end();
    }
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.spark.WarehouseAccess;
import io.sessionize.table.TableRemoval;
import java.io.PrintStream;
import java.util.List;

/** {@code drop}: removes one table set with its files. */
final class DropCommand extends TableCommand {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  @Override
  public String name() {
    return "drop";
  }

  @Override
  public String summary() {
    return "Remove the tables of --iceberg-table with their files, the live view and the checkpoint, after asking";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.YES,
        Opt.DRY_RUN,
        OptGroup.TABLES,
        Opt.CHECKPOINT_LOCATION,
        Opt.SPARK_CONF,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return arguments.has(Opt.DRY_RUN) ? WarehouseAccess.READ : WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "a part may be removed; run it again to remove the rest.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    boolean dry = arguments.has(Opt.DRY_RUN);
    boolean asks = !dry && !arguments.has(Opt.YES);
    if (!arguments.has(Opt.ICEBERG_TABLE)) {
      throw Failure.usage("Give the tables to remove: --iceberg-table NAME.");
    }
    if (asks && System.console() == null) {
      throw Failure.usage(
          "drop asks before it removes tables, and there is no terminal: give --yes, or see what it would remove with"
              + " --dry-run.");
    }
    String checkpoint = RunCommand.checkpoint(arguments);
    return context -> {
      TableRemoval removal = new TableRemoval(context.spark(), context.names(), checkpoint);
      if (removal.isEmpty()) {
        throw Failure.usage(
            "There is nothing to remove: no table, view or checkpoint of %s.%s exists.",
            context.names().database(), context.names().table());
      }
      print(removal, context.out());
      if (dry) {
        context.out().println("dry run: nothing was removed");
        return;
      }
      if (asks && !isConfirmed(context.names().table())) {
        throw Failure.usage("Nothing was removed.");
      }
      for (String folder : removal.execute()) {
        context
            .out()
            .printf(
                "left       files in %s that no snapshot listed, such as of a run that was killed%n",
                folder);
      }
      context.out().println("done");
    };
  }

  private static boolean isConfirmed(String table) {
    String answer =
        System.console().readLine("Remove all of this for good? Type the name %s: ", table);
    return answer != null && answer.strip().equals(table);
  }

  private static void print(TableRemoval removal, PrintStream out) {
    for (TableRemoval.Part part : removal.tables()) {
      out.printf(
          "table      %s  %s rows, %s, and its history%n",
          part.table(),
          part.rows() == null ? "?" : part.rows(),
          part.bytes() == null ? "? bytes" : size(part.bytes()));
    }
    if (removal.view() != null) {
      out.printf("view       %s%n", removal.view());
    }
    if (removal.checkpoint() != null) {
      out.printf("checkpoint %s%n", removal.checkpoint());
    }
  }

  private static String size(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= 1024 && unit < UNITS.length - 1) {
      size /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " bytes" : String.format("%.1f %s", size, UNITS[unit]);
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.spark.WarehouseAccess;
import io.sessionize.table.TableRemoval;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.commons.io.FileUtils;

/** {@code drop}: removes one table set with its files. */
final class DropCommand extends TableCommand {
  private final Supplier<Optional<Question>> terminal;

  /** Asks on a terminal. */
  @FunctionalInterface
  interface Question {
    /** Returns the answer; null at the end of the input. */
    String ask(String text);
  }

  DropCommand() {
    this(
        () ->
            Optional.ofNullable(System.console())
                .map(console -> text -> console.readLine("%s", text)));
  }

  /**
   * @param terminal how to ask; empty without a terminal
   */
  DropCommand(Supplier<Optional<Question>> terminal) {
    this.terminal = terminal;
  }

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
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return arguments.has(Opt.DRY_RUN) ? WarehouseAccess.READ : WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "a part may be removed, and files of that part may remain: run it again.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    boolean dry = arguments.has(Opt.DRY_RUN);
    boolean asks = !dry && !arguments.has(Opt.YES);
    if (!arguments.has(Opt.ICEBERG_TABLE)) {
      throw Failure.usage("Give the tables to remove: --iceberg-table NAME.");
    }
    Optional<Question> question = asks ? terminal.get() : Optional.empty();
    if (asks && question.isEmpty()) {
      throw Failure.usage(
          "drop asks before it removes tables, and there is no terminal: give --yes, or see what it would remove with"
              + " --dry-run.");
    }
    String checkpoint = RunCommand.checkpoint(arguments);
    boolean isDefault = arguments.text(Opt.CHECKPOINT_LOCATION) == null;
    return context -> {
      String table = context.names().database() + "." + context.names().table();
      TableRemoval removal =
          new TableRemoval(context.spark(), context.names(), checkpoint, isDefault);
      if (removal.isEmpty()) {
        requireNoFiles(removal.forgotten());
        throw Failure.usage(
            "There is nothing to remove: no table, view or checkpoint of %s exists.", table);
      }
      print(removal, context);
      if (dry) {
        context.out().println("dry run: nothing was removed");
        return;
      }
      if (question.isPresent() && !isConfirmed(question.get(), table)) {
        throw Failure.usage("Nothing was removed.");
      }
      requireNoFiles(removal.execute());
      context.out().println("done");
    };
  }

  private static boolean isConfirmed(Question question, String table) {
    String answer = question.ask("Remove all of this for good? Type the name " + table + ": ");
    return answer != null && answer.strip().equals(table);
  }

  private static void requireNoFiles(List<String> folders) {
    if (!folders.isEmpty()) {
      throw new Failure(
          Failure.Kind.OTHER,
          String.format(
              "The catalog has no such table any more, but files remain in %s. If no other catalog has tables"
                  + " there, remove these folders yourself.",
              String.join(", ", folders)),
          null);
    }
  }

  private static void print(TableRemoval removal, TableContext context) {
    PrintStream out = context.out();
    out.printf(
        "catalog    %s%s%n",
        context.names().catalog(),
        removal.warehouse() == null ? "" : ", warehouse " + removal.warehouse());
    for (TableRemoval.Part part : removal.tables()) {
      out.printf(
          "table      %s  %s rows, %s, and its history%n",
          part.table(),
          part.rows() == null ? "?" : part.rows(),
          part.bytes() == null ? "? bytes" : FileUtils.byteCountToDisplaySize(part.bytes()));
    }
    if (removal.view() != null) {
      out.printf("view       %s%n", removal.view());
    }
    if (removal.checkpoint() != null) {
      out.printf("checkpoint %s%n", removal.checkpoint());
    }
    for (String folder : removal.forgotten()) {
      out.printf("stays      %s: the catalog has no such table%n", folder);
    }
  }
}

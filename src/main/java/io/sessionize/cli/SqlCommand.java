package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.AllChanges;
import io.sessionize.history.History;
import io.sessionize.spark.WarehouseAccess;
import io.sessionize.spark.internal.StatementPlan;
import io.sessionize.table.SessionTables;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code sql}: runs a Spark SQL statement on the tables. */
final class SqlCommand extends TableCommand {
  @Override
  public String name() {
    return "sql";
  }

  @Override
  public String summary() {
    return "Run a Spark SQL statement on the tables";
  }

  @Override
  public String words() {
    return "\"STATEMENT\"";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.FILE,
        Opt.PARAM,
        Opt.WRITE,
        OptGroup.ROWS,
        Opt.FUNNEL,
        OptGroup.TABLES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return arguments.has(Opt.WRITE) ? WarehouseAccess.CHANGE : WarehouseAccess.READ;
  }

  @Override
  String onSignal() {
    return "the statement was not finished.";
  }

  @Override
  void checkWords(Arguments arguments) {
    if ((arguments.text(Opt.FILE) == null) == arguments.words().isEmpty()
        || arguments.words().size() > 1) {
      throw Failure.usage("Give one statement, in quotes, or a file with --file.");
    }
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    Statement statement = Statement.of(text(arguments));
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    SqlParameters parameters = SqlParameters.read(arguments);
    String database = arguments.name(Opt.ICEBERG_DATABASE);
    return context -> {
      SparkSession spark = context.spark();
      if (spark.catalog().databaseExists(database)) {
        spark.catalog().setCurrentDatabase(database);
      }
      String text = statement.filled(context.names(), spark.conf()::contains);
      RowPrinter printer = new RowPrinter(context.out(), form);
      if (!statement.readsChanges()) {
        run(text, parameters, context, printer);
        return;
      }
      SessionTables tables = context.tables();
      AllChanges changes = new AllChanges(spark, tables, new History(tables));
      try {
        run(text, parameters, context, printer);
      } finally {
        changes.close();
      }
    };
  }

  private static String text(Arguments arguments) {
    String file = arguments.text(Opt.FILE);
    try {
      return file == null ? arguments.words().get(0) : Files.readString(Path.of(file));
    } catch (CharacterCodingException e) {
      throw Failure.usage("--file %s is not UTF-8.", file);
    } catch (IOException e) {
      throw Failure.usage("--file %s cannot be read (%s).", file, e.getClass().getSimpleName());
    }
  }

  private static void run(
      String text, SqlParameters parameters, TableContext context, RowPrinter printer)
      throws Exception {
    SparkSession spark = context.spark();
    try {
      StatementPlan plan = new StatementPlan(spark, text);
      if (!plan.isQuery() && !context.arguments().has(Opt.WRITE)) {
        throw Failure.usage(
            "The statement is no query: it may change tables, files or settings. To run it, give"
                + " --write.");
      }
      if (!plan.isQuery() && context.arguments().has(Opt.OUTPUT)) {
        throw Failure.usage("--output is for queries, and the statement is no query.");
      }
      Optional<TableChange> change = plan.change().flatMap(what -> TableChange.before(spark, what));
      Dataset<Row> rows = spark.sql(text, parameters.of(plan.parameters()));
      if (plan.isText()) {
        printer.printText(rows);
      } else {
        printer.print(rows);
      }
      if (printer.isForPeople()) {
        change.ifPresent(before -> printer.line("%s", before.text()));
      }
    } catch (AnalysisException e) {
      throw Failure.usage("The statement cannot be run: %s", firstLine(e.getMessage()));
    }
  }

  private static String firstLine(String message) {
    return message.strip().lines().findFirst().orElse(message);
  }
}

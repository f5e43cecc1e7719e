package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.spark.SparkSessions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code sql}: any statement of Spark SQL over the tables. */
final class SqlCommand implements Command {
  @Override
  public String name() {
    return "sql";
  }

  @Override
  public String summary() {
    return "Run a Spark SQL statement over the tables";
  }

  @Override
  public String words() {
    return "\"STATEMENT\"";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.FILE,
        Opt.FORMAT,
        Opt.ICEBERG_DATABASE,
        Opt.WAREHOUSE,
        Opt.SPARK_CONF,
        Opt.LOG_LEVEL,
        Opt.VERBOSE,
        Opt.HELP);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    String statement = statement(arguments);
    RowPrinter printer = new RowPrinter(out, arguments.choice(Opt.FORMAT));
    String database = arguments.name(Opt.ICEBERG_DATABASE);
    Interruption.endsTheProcess("the statement was not finished.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      if (spark.catalog().databaseExists(database)) {
        spark.catalog().setCurrentDatabase(database);
      }
      printer.print(run(spark, statement));
    }
  }

  private static String statement(Arguments arguments) {
    String file = arguments.text(Opt.FILE);
    if ((file == null) == arguments.words().isEmpty() || arguments.words().size() > 1) {
      throw Failure.usage("Give one statement, in quotes, or a file with --file.");
    }
    try {
      String text = file == null ? arguments.words().get(0) : Files.readString(Path.of(file));
      return text.strip().replaceFirst(";$", "");
    } catch (IOException e) {
      throw Failure.usage("--file %s cannot be read (%s).", file, e.getClass().getSimpleName());
    }
  }

  private static Dataset<Row> run(SparkSession spark, String statement) {
    try {
      return spark.sql(statement);
    } catch (Exception e) {
      // Spark declares none of what it throws here, so the compiler would refuse to catch it.
      if (e instanceof AnalysisException analysis) {
        throw Failure.usage("The statement cannot be run: %s", firstLine(analysis.getMessage()));
      }
      throw e;
    }
  }

  private static String firstLine(String message) {
    return message.strip().lines().findFirst().orElse(message);
  }
}

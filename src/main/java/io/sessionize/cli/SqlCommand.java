package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        Opt.FORMAT,
        Opt.ICEBERG_DATABASE,
        Opt.WAREHOUSE,
        Opt.SPARK_CONF,
        OptGroup.LOGGING);
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
    String statement = statement(arguments);
    String format = RowPrinter.format(arguments);
    String database = arguments.name(Opt.ICEBERG_DATABASE);
    return context -> {
      SparkSession spark = context.spark();
      if (spark.catalog().databaseExists(database)) {
        spark.catalog().setCurrentDatabase(database);
      }
      new RowPrinter(context.out(), format).print(run(spark, statement));
    };
  }

  private static String statement(Arguments arguments) {
    String file = arguments.text(Opt.FILE);
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
      // Spark does not declare AnalysisException here, so a catch clause would not compile.
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

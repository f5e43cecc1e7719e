package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
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
        Opt.FILE, OptGroup.ROWS, Opt.FUNNEL, OptGroup.TABLES, OptGroup.SPARK, OptGroup.LOGGING);
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
    String database = arguments.name(Opt.ICEBERG_DATABASE);
    return context -> {
      SparkSession spark = context.spark();
      if (spark.catalog().databaseExists(database)) {
        spark.catalog().setCurrentDatabase(database);
      }
      new RowPrinter(context.out(), form).print(run(context, statement));
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

  private static Dataset<Row> run(TableContext context, Statement statement) {
    SparkSession spark = context.spark();
    RuntimeConfig settings = spark.conf();
    String text = statement.filled(context.names(), settings::contains);
    try {
      return statement.hasFunnel()
          ? spark.sql(
              text, Map.of("funnel", context.arguments().list(Opt.FUNNEL).toArray(String[]::new)))
          : spark.sql(text);
    } catch (Exception e) {
      // Spark does not declare AnalysisException here, so a catch clause would not compile.
      if (e instanceof AnalysisException analysis) {
        throw statement
            .lacksValue(settings::contains)
            .orElseGet(
                () ->
                    Failure.usage(
                        "The statement cannot be run: %s", firstLine(analysis.getMessage())));
      }
      throw e;
    }
  }

  private static String firstLine(String message) {
    return message.strip().lines().findFirst().orElse(message);
  }
}

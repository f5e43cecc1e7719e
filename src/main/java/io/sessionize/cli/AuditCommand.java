package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.spark.SparkSessions;
import io.sessionize.table.SessionTables;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** {@code audit}: what changed the tables, when and why. */
final class AuditCommand implements Command {
  private static final String PROVE = "prove";

  private static final Map<String, AuditQuestion> QUESTIONS =
      Map.of(
          "log", new AuditLog(),
          "diff", new AuditDiff(),
          "session", new AuditSession());

  /** What only a proof needs: it does the runs once more. */
  private static final Opt[] OF_PROVE = {
    Opt.RUN,
    Opt.LAST,
    Opt.KAFKA_SERVERS,
    Opt.KAFKA_TOPIC,
    Opt.KAFKA_PROPERTIES,
    Opt.INACTIVITY_TIMEOUT,
    Opt.MAX_SESSION_DURATION,
    Opt.BOUNDARY_RULE,
    Opt.END_SESSION_ON_PAGE
  };

  @Override
  public String name() {
    return "audit";
  }

  @Override
  public String summary() {
    return "Tell what changed the sessions: log (each run), diff (between two points), session (one's history), prove (recompute runs)";
  }

  @Override
  public String words() {
    return "log | diff | session ID | prove";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.FROM,
        Opt.TO,
        Opt.RUN,
        Opt.LAST,
        Opt.FORMAT,
        Opt.KAFKA_SERVERS,
        Opt.KAFKA_TOPIC,
        Opt.KAFKA_PROPERTIES,
        Opt.INACTIVITY_TIMEOUT,
        Opt.MAX_SESSION_DURATION,
        Opt.BOUNDARY_RULE,
        Opt.END_SESSION_ON_PAGE,
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
    List<String> words = arguments.words();
    if (words.equals(List.of(PROVE))) {
      new AuditProve().execute(arguments, out);
      return;
    }
    AuditQuestion question = words.isEmpty() ? null : QUESTIONS.get(words.get(0));
    if (question == null) {
      throw Failure.usage(
          "Say what to audit, one of: %s%s.",
          words(), words.isEmpty() ? "" : "; not '" + words.get(0) + "'");
    }
    AuditQuestion.refuse(arguments, OF_PROVE);
    question.check(arguments);
    RowPrinter printer = new RowPrinter(out, arguments.choice(Opt.FORMAT));
    JobOptions.names(arguments, "unknown yet");
    Interruption.endsTheProcess("the audit was not finished.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      SessionTables tables =
          new SessionTables(spark, JobOptions.names(arguments, SparkSessions.catalog(spark)));
      question.answer(spark, tables, arguments, printer);
    }
  }
}

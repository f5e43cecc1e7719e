package io.sessionize.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.sessionize.Failure;
import io.sessionize.audit.ColumnFilling;
import io.sessionize.audit.RecentBatches;
import io.sessionize.audit.RunLog;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Answer;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.history.History;
import io.sessionize.output.Colour;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.LoggerFactory;

/** {@code status}: shows whether the job is healthy. */
final class StatusCommand extends TableCommand {
  private static final int RUNS = 10;
  private static final int PARTITIONS = 1000;

  @Override
  public String name() {
    return "status";
  }

  @Override
  public String summary() {
    return "Show the lag, the watermark and the last runs, and whether the job is healthy";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        OptGroup.ROWS,
        Opt.MAX_LAG,
        Opt.MAX_BEHIND,
        Opt.METRICS_FILE,
        OptGroup.BROKERS,
        OptGroup.TABLES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  String onSignal() {
    return "nothing was changed.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    RunReport.requireWritable(arguments);
    KafkaConnection connection = KafkaOptions.connection(arguments);
    Limits limits = new Limits(arguments.number(Opt.MAX_LAG), arguments.duration(Opt.MAX_BEHIND));
    return context -> execute(form, connection, limits, context);
  }

  private static void execute(
      RowPrinter.Form form, KafkaConnection connection, Limits limits, TableContext context)
      throws IOException {
    TableNames names = context.names();
    SessionTables tables = context.tables();
    History history = new History(tables);
    Instant lastRun = history.lastRunAt().orElse(null);
    Status status = status(names, tables, connection, limits, lastRun);
    RecentBatches recent = RecentBatches.of(history);
    Dataset<Row> runs = RunLog.of(context.spark(), history).limit(RUNS);
    if (form.isPage("table")) {
      print(names, status, lastRun, recent, runs, context.out());
    } else if (form.isPage("json")) {
      context.out().println(json(names, status, lastRun, recent, runs));
    } else {
      new RowPrinter(context.out(), form).print(partitions(status, context.spark()));
    }
    Optional<Failure> failure = status.failure();
    try {
      String metrics = context.arguments().text(Opt.METRICS_FILE);
      if (metrics != null) {
        StatusMetrics.write(plain(names), status, lastRun, recent, metrics);
      }
    } catch (IOException e) {
      // The verdict of the job is worse than a missing file.
      if (failure.isEmpty()) {
        throw e;
      }
      LoggerFactory.getLogger(StatusCommand.class).warn("The metrics could not be written", e);
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private static String plain(TableNames names) {
    return names.database() + "." + names.table();
  }

  /** Returns the status, as far as the tables and Kafka show it. */
  private static Status status(
      TableNames names,
      SessionTables tables,
      KafkaConnection connection,
      Limits limits,
      Instant lastRun) {
    Base base;
    Failure broken = null;
    try {
      base = tables.base();
    } catch (Failure e) {
      base = tables.foundBase();
      broken = e;
    }
    Instant now = Instant.now();
    long ahead =
        tables
            .reader(base)
            .openEndingAfter(
                now.plusMillis(base.open().settings().map(Settings::clockSkewMs).orElse(0L)));
    Answer kafka =
        ask(connection, base.progress().topics().keySet(), now.minus(limits.longestWait()));
    return Status.of(names.table(), base, broken, kafka, limits, ahead, lastRun, now);
  }

  private static Answer ask(KafkaConnection connection, Set<String> names, Instant recent) {
    try {
      KafkaTopics found = KafkaTopics.find(connection, names);
      Failure missing = found.missing(connection, names).orElse(null);
      return found.names().isEmpty()
          ? new Answer(null, null, missing)
          : new Answer(found, found.at(connection, recent), missing);
    } catch (RuntimeException e) {
      return new Answer(null, null, Failures.explain(e));
    }
  }

  static void print(
      TableNames names,
      Status status,
      Instant lastRun,
      RecentBatches recent,
      Dataset<Row> runs,
      PrintStream out) {
    out.printf("table      %s%n", plain(names));
    out.printf("topic      %s%n", String.join(", ", status.topics()));
    ConsoleTable.print(
        out,
        partitions(status, runs.sparkSession()).drop("earliest"),
        PARTITIONS,
        ConsoleTable.Layout.DEFAULT);
    if (status.topics().size() > 1) {
      out.printf("lag        %s%n", lagByTopic(status));
    }
    out.printf("watermark  %s%n", watermark(status));
    out.printf(
        "open       %d sessions%s%n",
        status.open(),
        status.oldestOpenEnd() == null ? "" : ", the oldest quiet since " + status.oldestOpenEnd());
    if (status.ahead() > 0) {
      out.printf(
          "ahead      %d sessions end after the clock: a producer's clock is wrong. The broker"
              + " refuses such records by message.timestamp.after.max.ms, or stamps them itself"
              + " (message.timestamp.type=LogAppendTime)%n",
          status.ahead());
    }
    if (status.setAside() > 0) {
      out.printf("set aside  %d users: all their records are rejected%n", status.setAside());
    }
    if (status.columns() != null) {
      out.printf("columns    %s%n", status.columns().text());
    }
    new StatusPace(recent, status.records()).print(out);
    ConsoleTable.print(out, runs.select(columns()), RUNS, ConsoleTable.Layout.DEFAULT);
    String verdict = status.verdict(lastRun);
    colour(verdict).println(out, verdict);
  }

  private static String lagByTopic(Status status) {
    return status.topics().stream()
        .map(topic -> topic + " " + Objects.requireNonNullElse(status.records(topic), "unknown"))
        .collect(Collectors.joining(", "));
  }

  private static Dataset<Row> partitions(Status status, SparkSession spark) {
    List<Row> rows =
        status.partitions().stream()
            .map(
                lag ->
                    RowFactory.create(
                        lag.partition().topic(),
                        lag.partition().number(),
                        lag.committed(),
                        lag.earliest(),
                        lag.latest(),
                        lag.lag()))
            .toList();
    return spark.createDataFrame(rows, partition());
  }

  /** Red where the next run fails, yellow where somebody should look. */
  private static Colour colour(String verdict) {
    return switch (verdict.substring(0, verdict.indexOf(':'))) {
      case "HEALTHY" -> Colour.GREEN;
      case "BROKEN", "REFUSED" -> Colour.RED;
      default -> Colour.YELLOW;
    };
  }

  /** Returns the columns of the table of runs, which fits 100 characters. */
  private static Column[] columns() {
    return new Column[] {
      date_format(col("at"), "yyyy-MM-dd HH:mm").as("at"),
      col("what"),
      col("added"),
      col("changed"),
      col("removed"),
      col("late"),
      col("rejected"),
      col("seconds")
    };
  }

  private static String watermark(Status status) {
    Duration behind = status.watermarkBehind();
    return behind == null
        ? "none: no event yet"
        : String.format(
            "%s, %s %s the clock",
            status.watermark(), text(behind.abs()), behind.isNegative() ? "ahead of" : "behind");
  }

  private static String text(Duration duration) {
    return duration.toDays() > 0
        ? String.format("%d d %d h", duration.toDays(), duration.toHoursPart())
        : String.format("%d h %d min", duration.toHours(), duration.toMinutesPart());
  }

  static String json(
      TableNames names, Status status, Instant lastRun, RecentBatches recent, Dataset<Row> runs) {
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode all = json.createObjectNode();
    all.put("table", plain(names));
    all.put("topic", String.join(",", status.topics()));
    if (status.topics().size() > 1) {
      ArrayNode topics = all.putArray("topics");
      status
          .topics()
          .forEach(
              topic -> topics.addObject().put("topic", topic).put("lag", status.records(topic)));
    }
    ArrayNode partitions = all.putArray("partitions");
    for (PartitionLag partition : status.partitions()) {
      partitions
          .addObject()
          .put("topic", partition.partition().topic())
          .put("partition", partition.partition().number())
          .put("committed", partition.committed())
          .put("earliest", partition.earliest())
          .put("latest", partition.latest())
          .put("lag", partition.lag());
    }
    all.put("lag", status.records());
    all.put("lag_old", status.old());
    all.put("unknown", status.unreachable() == null ? null : status.unreachable().getMessage());
    all.put("watermark", text(status.watermark()));
    Duration behind = status.watermarkBehind();
    all.put("watermark_behind_seconds", behind == null ? null : behind.toSeconds());
    all.put("open", status.open());
    all.put("sessions_ahead_of_clock", status.ahead());
    all.put("set_aside_users", status.setAside());
    ColumnFilling columns = status.columns();
    if (columns != null) {
      all.putObject("session_columns")
          .put("number", columns.number())
          .put("complete", columns.isComplete())
          .put("through", columns.through() == null ? null : columns.through().toString());
    }
    all.put("oldest_open_quiet_since", text(status.oldestOpenEnd()));
    all.put("last_commit", text(lastRun));
    new StatusPace(recent, status.records()).addTo(all);
    ArrayNode last = all.putArray("runs");
    runs.toJSON().collectAsList().forEach(run -> last.addRawValue(new RawValue(run)));
    all.put("verdict", status.verdict(lastRun));
    all.put("exit_code", status.exitCode());
    try {
      return json.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }

  /** Not a constant: --help creates every command, and must not load Spark. */
  private static StructType partition() {
    return new StructType()
        .add("topic", DataTypes.StringType)
        .add("partition", DataTypes.IntegerType)
        .add("committed", DataTypes.LongType)
        .add("earliest", DataTypes.LongType)
        .add("latest", DataTypes.LongType)
        .add("lag", DataTypes.LongType);
  }
}

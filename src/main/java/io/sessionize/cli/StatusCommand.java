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
import io.sessionize.audit.RunLog;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Partition;
import io.sessionize.history.History;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaTopic;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** {@code status}: whether all is well, at a glance. */
final class StatusCommand implements Command {
  private static final int RUNS = 10;
  private static final int PARTITIONS = 1000;
  private static final StructType PARTITION =
      new StructType()
          .add("partition", DataTypes.IntegerType)
          .add("committed", DataTypes.LongType)
          .add("latest", DataTypes.LongType)
          .add("lag", DataTypes.LongType);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Override
  public String name() {
    return "status";
  }

  @Override
  public String summary() {
    return "Tell how far tables and topic are, what the last runs did, and whether all is well";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.FORMAT,
        Opt.KAFKA_SERVERS,
        Opt.KAFKA_PROPERTIES,
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
    boolean json = isJson(arguments.choice(Opt.FORMAT));
    KafkaConnection connection =
        KafkaConnection.of(arguments.text(Opt.KAFKA_SERVERS), arguments.text(Opt.KAFKA_PROPERTIES));
    Interruption.endsTheProcess("nothing was changed.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      TableNames names = JobOptions.read(arguments, SparkSessions.catalog(spark)).names();
      SessionTables tables = new SessionTables(spark, names);
      Base base = tables.base();
      Dataset<Row> runs = RunLog.of(spark, new History(tables)).limit(RUNS);
      Status status = ask(names, tables, base, connection);
      Instant lastRun = new History(tables).lastRunAt().orElse(null);
      if (json) {
        out.println(json(names, status, lastRun, runs));
      } else {
        print(names, status, lastRun, runs, out);
      }
    }
  }

  private static boolean isJson(String format) {
    if (!format.equals("table") && !format.equals("json")) {
      throw Failure.usage("--format %s does not go with status: it is table or json.", format);
    }
    return format.equals("json");
  }

  /** The tables can tell something without Kafka. */
  private static Status ask(
      TableNames names, SessionTables tables, Base base, KafkaConnection connection) {
    Instant now = Instant.now();
    long ahead = tables.reader(base).openAhead(now.plusMillis(base.open().clockSkewMs()));
    try {
      KafkaTopic topic = KafkaTopic.describe(connection, base.open().topic());
      return Status.of(names.table(), base, topic, null, ahead, now);
    } catch (Failure e) {
      return Status.of(names.table(), base, null, e, ahead, now);
    }
  }

  private static void print(
      TableNames names, Status status, Instant lastRun, Dataset<Row> runs, PrintStream out) {
    SparkSession spark = runs.sparkSession();
    out.printf("table      %s.%s%n", names.database(), names.table());
    out.printf("topic      %s%n", status.topic());
    List<Row> partitions =
        status.partitions().stream()
            .map(p -> RowFactory.create(p.partition(), p.committed(), p.latest(), p.lag()))
            .toList();
    out.print(ConsoleTable.of(spark.createDataFrame(partitions, PARTITION), PARTITIONS));
    out.printf("watermark  %s%n", watermark(status));
    out.printf(
        "open       %d sessions%s%n",
        status.open(),
        status.oldestOpenEnd() == null ? "" : ", the oldest quiet since " + status.oldestOpenEnd());
    if (status.ahead() > 0) {
      out.printf(
          "ahead      %d sessions end after the clock: a producer's clock is wrong. The broker refuses such records"
              + " by message.timestamp.after.max.ms, or stamps them itself (message.timestamp.type=LogAppendTime)%n",
          status.ahead());
    }
    out.print(ConsoleTable.of(runs.select(columns()), RUNS));
    out.println(status.verdict(lastRun));
  }

  /** They fit a hundred characters. */
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
        : String.format("%s, %s behind the clock", status.watermark(), text(behind));
  }

  private static String text(Duration duration) {
    return duration.toDays() > 0
        ? String.format("%d d %d h", duration.toDays(), duration.toHoursPart())
        : String.format("%d h %d min", duration.toHours(), duration.toMinutesPart());
  }

  private static String json(TableNames names, Status status, Instant lastRun, Dataset<Row> runs) {
    ObjectNode all = JSON.createObjectNode();
    all.put("table", names.database() + "." + names.table());
    all.put("topic", status.topic());
    ArrayNode partitions = all.putArray("partitions");
    for (Partition partition : status.partitions()) {
      partitions
          .addObject()
          .put("partition", partition.partition())
          .put("committed", partition.committed())
          .put("earliest", partition.earliest())
          .put("latest", partition.latest())
          .put("lag", partition.lag());
    }
    all.put("lag", status.records());
    all.put("unknown", status.unknown());
    all.put("watermark", text(status.watermark()));
    Duration behind = status.watermarkBehind();
    all.put("watermark_behind_seconds", behind == null ? null : behind.toSeconds());
    all.put("open", status.open());
    all.put("sessions_ahead_of_clock", status.ahead());
    all.put("oldest_open_quiet_since", text(status.oldestOpenEnd()));
    all.put("last_commit", text(lastRun));
    ArrayNode last = all.putArray("runs");
    runs.toJSON().collectAsList().forEach(run -> last.addRawValue(new RawValue(run)));
    all.put("verdict", status.verdict(lastRun));
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }
}

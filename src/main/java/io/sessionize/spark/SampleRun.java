package io.sessionize.spark;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import io.sessionize.Version;
import io.sessionize.job.Batch;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Input;
import io.sessionize.job.Job;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.spark.internal.Records;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Runs the bundled sample events through one batch, as if they came from Kafka. */
public final class SampleRun {
  private static final String RESOURCE = "/sample-events.jsonl";
  private static final String TOPIC = "sample";
  private static final Map<String, String> TOPICS = Map.of(TOPIC, TOPIC);
  private static final String EVENT_ID = "\"event_id\": \"";
  private static final int LATE = 5;
  private static final int TIMESTAMP = 3;
  private static final int VALUE = 5;

  public static final StructType RECORD =
      new StructType()
          .add("topic", StringType)
          .add("partition", IntegerType)
          .add("offset", LongType)
          .add("timestamp", TimestampType)
          .add("key", BinaryType)
          .add("value", BinaryType);

  private final SparkSession spark;
  private final Job job;
  private final CrashPoint.Probe probe;

  public SampleRun(SparkSession spark, Job job, CrashPoint.Probe probe) {
    this.spark = spark;
    this.job = job;
    this.probe = probe;
  }

  /** Creates the tables and runs one batch. */
  public BatchReport execute() throws IOException {
    new SessionTables(spark, job.names())
        .create(RunSummary.start(Version.TEXT, TOPICS, job.rules().apply(Rules.DEFAULT)));
    return run(records(), 0);
  }

  /** Runs a second batch: other events at the times of the first records, which are late by now. */
  public BatchReport executeLate() throws IOException {
    List<Row> records = records();
    List<Row> late = new ArrayList<>();
    for (Row record : records.subList(0, LATE)) {
      String value = new String((byte[]) record.get(VALUE), StandardCharsets.UTF_8);
      byte[] other = value.replace(EVENT_ID, EVENT_ID + "late-").getBytes(StandardCharsets.UTF_8);
      long offset = records.size() + late.size();
      late.add(RowFactory.create(TOPIC, 0, offset, record.get(TIMESTAMP), null, other));
    }
    return run(late, records.size());
  }

  private BatchReport run(List<Row> records, long first) {
    return new Batch<>(new SparkStore(spark, job), job, probe)
        .run(
            new Input<>(
                Records.ofTable(spark.createDataFrame(records, RECORD)),
                TOPICS,
                Offsets.of(TOPIC, Map.of(0, first)),
                Offsets.of(TOPIC, Map.of(0, first + records.size())),
                OffsetRange.NONE,
                Set.of(),
                Work.RUN));
  }

  private List<Row> records() throws IOException {
    return records(new Timestamp(job.clock().getAsLong()));
  }

  private static List<Row> records(Timestamp recordTime) throws IOException {
    List<Row> records = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                SampleRun.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        byte[] value = line.getBytes(StandardCharsets.UTF_8);
        records.add(RowFactory.create(TOPIC, 0, (long) records.size(), recordTime, null, value));
      }
    }
    return records;
  }
}

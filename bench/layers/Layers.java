package io.sessionize.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.sessionize.event.Definitions;
import io.sessionize.event.Limits;
import io.sessionize.event.registry.Schemas;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import io.sessionize.spark.internal.BatchSchemas;
import io.sessionize.spark.internal.EventFilter;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KafkaRange;
import io.sessionize.spark.internal.ReadLimit;
import io.sessionize.spark.internal.RecordDecoding;
import io.sessionize.spark.internal.Records;
import io.sessionize.spark.internal.RestateUsers;
import io.sessionize.spark.internal.RuleConditions;
import io.sessionize.spark.internal.SessionExpressions;
import io.sessionize.spark.internal.UserShuffle;
import io.sessionize.summary.TableNames;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Measures what each layer of a run adds, in one warm process: reading Kafka, decoding, shuffling
 * by user, sorting and sessionizing, and the whole run with its commit.
 *
 * <pre>Layers SERVERS TOPIC ROUNDS WAREHOUSE OUT [LAYER]</pre>
 *
 * Writes a JSON list of {@code {layer, round, wall_s, cpu_s}}. The first round is cold. With LAYER,
 * it measures only this layer, for a profiler. {@code bench/layers.py} compiles and runs it.
 */
public final class Layers {
  private static final double NANOS = 1e9;

  private final SparkSession spark;
  private final KafkaReadOptions source;
  private final String only;
  private final List<Map<String, Object>> measured = new ArrayList<>();

  private Layers(SparkSession spark, KafkaReadOptions source, String only) {
    this.spark = spark;
    this.source = source;
    this.only = only;
  }

  public static void main(String[] arguments) throws Exception {
    KafkaConnection connection = KafkaConnection.of(arguments[0], null);
    KafkaReadOptions source =
        new KafkaReadOptions(connection, Set.of(arguments[1]), null, Long.MAX_VALUE, true);
    int rounds = Integer.parseInt(arguments[2]);
    Path warehouse = Path.of(arguments[3]);
    try (SparkSession spark = SparkSessions.start(warehouse.toString(), Map.of())) {
      Layers layers = new Layers(spark, source, arguments.length > 5 ? arguments[5] : null);
      for (int round = 0; round < rounds; round++) {
        layers.round(round, warehouse);
      }
      new ObjectMapper().writeValue(Path.of(arguments[4]).toFile(), layers.measured);
    }
  }

  private void round(int round, Path warehouse) {
    KafkaTopics topics = KafkaTopics.describe(source.connection(), source.topics());
    List<Partition> partitions = List.copyOf(topics.latest().next().keySet());
    Records records = new KafkaRange(spark, source).read(topics.earliest(), topics.latest());
    Limits limits = new Limits(Long.MAX_VALUE / 2, null);

    measure("read", round, records::count);
    measure("decode", round, () -> drop(decoding(partitions, limits).decode(records).rdd()));
    measure("shuffle", round, () -> drop(events(records, partitions, limits).rdd()));
    measure(
        "sort and sessionize",
        round,
        () ->
            drop(
                RestateUsers.restated(
                        SessionExpressions.none(RowSchemas.PLAIN),
                        Rules.DEFAULT,
                        RuleConditions.Counted.NONE,
                        events(records, partitions, limits),
                        UserShuffle.none(spark),
                        Long.MAX_VALUE / 2,
                        DamagedRows.KEEP,
                        SetAside.NONE)
                    .rdd()));
    TableNames names = new TableNames("local", "bench", "round_" + round);
    Path checkpoint = warehouse.resolve("_checkpoints/" + names.table());
    measure(
        "commit",
        round,
        () ->
            SparkJobs.run(
                    spark,
                    job(names),
                    source,
                    checkpoint.toString(),
                    batch -> System.out.println(batch.time().steps()),
                    CrashPoint.Probe.NONE)
                .execute(() -> false));
  }

  private RecordDecoding decoding(List<Partition> partitions, Limits limits) {
    Definitions builtIn = Definitions.builtIn(source.topics());
    return new RecordDecoding(
        builtIn,
        partitions,
        new BatchSchemas(spark, Schemas.NONE),
        EventFilter.of(spark, builtIn.inUse(), RowSchemas.PLAIN),
        limits,
        ReadLimit.of(Long.MAX_VALUE),
        Set.of());
  }

  private static Job job(TableNames names) {
    return new Job(
        names,
        Rules.DEFAULT,
        Duration.ofMinutes(10),
        null,
        Duration.ofMinutes(10),
        System::currentTimeMillis);
  }

  private InternalRows events(Records records, List<Partition> partitions, Limits limits) {
    UserShuffle shuffled =
        UserShuffle.ofRecords(
            spark, records, decoding(partitions, limits), Watermark.NONE, Long.MAX_VALUE);
    shuffled.read();
    return shuffled.events();
  }

  private static void drop(JavaRDD<InternalRow> rows) {
    rows.foreachPartition(partition -> partition.forEachRemaining(row -> {}));
  }

  private void measure(String layer, int round, Runnable work) {
    if (only != null && !only.equals(layer)) {
      return;
    }
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.gc();
    long cpu = machine.getProcessCpuTime();
    long wall = System.nanoTime();
    work.run();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("layer", layer);
    figures.put("round", round);
    figures.put("wall_s", (System.nanoTime() - wall) / NANOS);
    figures.put("cpu_s", (machine.getProcessCpuTime() - cpu) / NANOS);
    measured.add(figures);
    System.out.println(figures);
  }
}

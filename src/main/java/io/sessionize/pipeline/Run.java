package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.sessionize.Failure;
import io.sessionize.source.Checkpoint;
import io.sessionize.source.KafkaSource;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Offsets;
import io.sessionize.store.RunSummary;
import io.sessionize.store.SessionTables;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hourly run: everything that the topic holds and the tables do not, in one or more batches.
 *
 * <p>The staging table's offsets are the truth. A checkpoint that lags behind them is skipped over;
 * one that is ahead (the tables were rolled back) has the missing range read first.
 */
public final class Run {
  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final String COMMAND = "run";

  private final SparkSession spark;
  private final SparkSession streaming;
  private final Job job;
  private final KafkaSource source;
  private final String checkpointLocation;
  private final Consumer<BatchReport> listener;
  private final CrashPoint.Probe probe;

  /**
   * @param checkpointLocation of this job alone
   * @param listener told of each batch that is committed
   */
  public Run(
      SparkSession spark,
      Job job,
      KafkaSource source,
      String checkpointLocation,
      Consumer<BatchReport> listener,
      CrashPoint.Probe probe) {
    this.spark = spark;
    this.streaming = SparkSessions.forStreams(spark);
    this.job = job;
    this.source = source;
    this.checkpointLocation = checkpointLocation;
    this.listener = listener;
    this.probe = probe;
  }

  /**
   * Runs until the topic is drained.
   *
   * @param stop asks to end between two batches
   * @return what it did
   * @throws Failure as the exit codes say
   */
  public BatchReport execute(BooleanSupplier stop) {
    SessionTables tables = new SessionTables(spark, job.names());
    KafkaTopic known = describe();
    RunSummary start =
        SessionTables.start(Version.TEXT, COMMAND, known.name(), known.id(), job.rules());
    RunSummary last = tables.standing(start);
    Checkpoint checkpoint = new Checkpoint(spark, checkpointLocation, source.topic());
    Offsets position = checkpoint.position();
    // Asked last: another driver may be moving tables and checkpoint on with what has just arrived.
    KafkaTopic topic = describe();
    Continuity.check(last, topic, job, source.failOnDataLoss());
    if (!source.failOnDataLoss()
        && !position.lostBefore(topic.earliest(), topic.latest()).isEmpty()) {
      LOG.warn(
          "Kafka has deleted what {} stands at: it lies at {} now",
          checkpointLocation,
          checkpoint.setAside());
      position = Offsets.NONE;
    }
    Continuity.check(position, topic, checkpointLocation);
    // Only now: a run that is refused has touched nothing.
    tables.create(start);

    Total total = new Total();
    total.next = new Offsets(last.next()).orElse(topic.earliest());
    Offsets begin = total.next.atLeast(position).atLeast(topic.earliest());
    if (total.next.isBehind(position)) {
      catchUp(topic, begin, total);
    }
    stream(topic, begin, stop, total);
    if (!total.foundEvents && !stop.getAsBoolean()) {
      Input nothing =
          new Input(null, topic.name(), topic.id(), total.next, total.next, Map.of(), COMMAND);
      new Batch(spark, job, probe).silence(nothing).ifPresent(total::add);
    }
    return total.report == null
        ? BatchReport.nothing(total.next, last.watermark(), last.counts().getOrDefault("open", 0L))
        : total.report;
  }

  private KafkaTopic describe() {
    return KafkaTopic.describe(source.connection(), source.topic());
  }

  /** Reads what the checkpoint has passed but the tables do not have. */
  private void catchUp(KafkaTopic topic, Offsets to, Total total) {
    Dataset<Row> missing = source.range(spark, total.next.atLeast(topic.earliest()), to);
    total.add(new Batch(spark, job, probe).run(input(missing, topic, total.next, to)));
  }

  private void stream(KafkaTopic topic, Offsets start, BooleanSupplier stop, Total total) {
    Checkpoint checkpoint = new Checkpoint(spark, checkpointLocation, topic.name());
    try {
      StreamingQuery query =
          source.stream(streaming, start)
              .writeStream()
              .queryName("sessionize")
              .option("checkpointLocation", checkpointLocation)
              .trigger(Trigger.AvailableNow())
              .foreachBatch(
                  (Dataset<Row> records, Long batchId) -> {
                    if (stop.getAsBoolean()) {
                      throw new Stopped();
                    }
                    batch(records, topic, total, checkpoint.end(batchId));
                  })
              .start();
      query.awaitTermination();
    } catch (StreamingQueryException e) {
      if (!stop.getAsBoolean() || !Stopped.isIn(e)) {
        throw new IllegalStateException(e);
      }
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void batch(Dataset<Row> streamed, KafkaTopic topic, Total total, Offsets end) {
    Offsets from = total.next;
    if (!from.isBehind(end)) {
      return;
    }
    // The stream's own session knows neither our catalog nor adaptive execution.
    Dataset<Row> records = Dataset.ofRows(spark, streamed.logicalPlan());
    Dataset<Row> unseen = records.where(atLeast(from));
    Input input = input(unseen, topic, from, from.atLeast(end));
    total.add(new Batch(spark, job, probe).run(input));
  }

  private static Input input(Dataset<Row> records, KafkaTopic topic, Offsets from, Offsets next) {
    return new Input(
        records,
        topic.name(),
        topic.id(),
        from,
        next,
        from.lostBefore(topic.earliest(), next),
        COMMAND);
  }

  /** True for records that the tables do not have yet; a checkpoint may lag behind them. */
  private static Column atLeast(Offsets from) {
    Column known = lit(false);
    for (Map.Entry<Integer, Long> entry : from.next().entrySet()) {
      known =
          known.or(
              col("partition").equalTo(entry.getKey()).and(col("offset").lt(entry.getValue())));
    }
    return not(known);
  }

  /** What the run has done so far. */
  private final class Total {
    private BatchReport report;
    private Offsets next;
    private boolean foundEvents;

    void add(BatchReport batch) {
      report = report == null ? batch : report.then(batch);
      next = batch.next();
      foundEvents |= batch.events() + batch.duplicates() > 0;
      listener.accept(batch);
    }
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static boolean isIn(Throwable thrown) {
      for (Throwable t = thrown; t != null; t = t.getCause()) {
        if (t instanceof Stopped) {
          return true;
        }
      }
      return false;
    }
  }
}

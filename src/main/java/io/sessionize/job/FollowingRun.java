package io.sessionize.job;

import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.summary.Base;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run that follows the topics: continuous mode. It reads ranges of offsets from those of the
 * staging table on, without the stream and its checkpoint, which cost more than a small batch.
 *
 * @param <R> records as the source gives them
 */
public final class FollowingRun<R> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowingRun.class);

  private final Store<R> store;
  private final Source<R> source;
  private final Job job;
  private final RunListener listener;
  private final CrashPoint.Probe probe;
  private boolean begun;

  /** The new place of a checkpoint, until a report has told it. */
  private Optional<String> aside = Optional.empty();

  public FollowingRun(
      Store<R> store, Source<R> source, Job job, RunListener listener, CrashPoint.Probe probe) {
    this.store = store;
    this.source = source;
    this.job = job;
    this.listener = listener;
    this.probe = probe;
  }

  /**
   * Reads to the end of the topics. The first call creates and changes tables, as {@link
   * Run#execute} does. Each call makes all checks. After a failure, the next call reads all again.
   *
   * @param stop true to end before the next batch
   * @return counts and times of the batches of this call
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public BatchReport execute(BooleanSupplier stop) {
    try {
      return pass(stop);
    } catch (Exception e) {
      store.forget();
      Continuity.requireNoNewLoss(e, source.failOnDataLoss());
      throw e;
    }
  }

  private BatchReport pass(BooleanSupplier stop) {
    if (!begun) {
      begin();
      begun = true;
    }
    Base base = store.base();
    // After the tables: another driver may move them up to records that have just arrived.
    KafkaTopics topics = source.describe();
    base.requireSettled(job.names().table());
    Continuity.check(base.open(), topics, job, source.failOnDataLoss());
    Pass<R> pass =
        new Pass<>(source, new Batch<>(store, job, probe), topics, base.open(), listener, stop);
    pass.readRanges(topics.latest(), topics.latest());
    pass.finish();
    BatchReport report = pass.report().withCheckpointSetAside(aside);
    aside = Optional.empty();
    return report;
  }

  /** Makes the tables ready, and sets a checkpoint aside, which would fall behind. */
  private void begin() {
    Beginning found = Beginning.of(store, source.describe(), job);
    KafkaTopics topics = source.describe();
    found.require(topics, job, source.failOnDataLoss());
    found.requireTakesIn(store, topics, job);
    // After all checks: a run that is refused changes nothing.
    if (source.hasCheckpoint()) {
      aside = Optional.of(source.setCheckpointAside());
      LOG.info(
          "Continuous mode needs no checkpoint: {} was moved to {}",
          source.checkpoint(),
          aside.get());
    }
    found.create(store, job);
  }

  /** Closes the connection to Kafka. */
  @Override
  public void close() {
    source.close();
  }
}

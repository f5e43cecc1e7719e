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
   * Run#execute} does. Each call makes all checks.
   *
   * @param stop true to end before the next batch
   * @return counts and times of the batches of this call
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public BatchReport execute(BooleanSupplier stop) {
    Optional<String> aside = begun ? Optional.empty() : begin();
    begun = true;
    Base base = store.base();
    // After the tables: another driver may move them up to records that have just arrived.
    KafkaTopics topics = source.describe();
    base.requireSettled(job.names().table());
    Continuity.check(base.open(), topics, job, source.failOnDataLoss());
    Pass<R> pass =
        new Pass<>(source, new Batch<>(store, job, probe), topics, base.open(), listener, stop);
    pass.readRanges(topics.latest(), topics.latest());
    pass.finish();
    return pass.report().withCheckpointSetAside(aside);
  }

  /** Makes the tables ready. Returns the new place of a checkpoint, which would fall behind. */
  private Optional<String> begin() {
    Beginning found = Beginning.of(store, source.describe(), job);
    KafkaTopics topics = source.describe();
    found.require(topics, job, source.failOnDataLoss());
    found.requireTakesIn(store, topics, job);
    // After all checks: a run that is refused changes nothing.
    Optional<String> aside =
        source.hasCheckpoint() ? Optional.of(source.setCheckpointAside()) : Optional.empty();
    aside.ifPresent(
        where ->
            LOG.info(
                "Continuous mode needs no checkpoint: {} was moved to {}",
                source.checkpoint(),
                where));
    found.create(store, job);
    return aside;
  }

  /** Closes the connection to Kafka. */
  @Override
  public void close() {
    source.close();
  }
}

package io.sessionize.job;

import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hourly run: reads all records of the topics that the tables have not read, in one or more
 * batches.
 *
 * <p>The offsets of the staging table decide. If the checkpoint lags behind them, the run skips the
 * known offsets. If it is ahead (the tables were rolled back), the run first reads the missing
 * range.
 *
 * @param <R> records as the source gives them
 */
public final class Run<R> {
  private static final Logger LOG = LoggerFactory.getLogger(Run.class);

  private final Store<R> store;
  private final Source<R> source;
  private final Job job;
  private final RunListener listener;
  private final CrashPoint.Probe probe;

  public Run(
      Store<R> store, Source<R> source, Job job, RunListener listener, CrashPoint.Probe probe) {
    this.store = store;
    this.source = source;
    this.job = job;
    this.listener = listener;
    this.probe = probe;
  }

  /**
   * Reads to the end of the topics.
   *
   * @param stop true to end before the next batch
   * @return counts and times of all its batches
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public BatchReport execute(BooleanSupplier stop) {
    try {
      return pass(stop);
    } catch (Exception e) {
      // Scala throws checked exceptions without declaring them.
      Continuity.requireNoNewLoss(e, source.failOnDataLoss());
      throw e;
    }
  }

  private BatchReport pass(BooleanSupplier stop) {
    Beginning begun = Beginning.of(store, source.describe(), job);
    Optional<Offsets> found = source.position();
    // After tables and checkpoint: another driver may move them up to records that have just
    // arrived.
    KafkaTopics topics = source.describe();
    begun.require(topics, job, source.failOnDataLoss());
    boolean usable = found.isPresent() && isUsable(found.get(), topics);
    Offsets position = usable ? found.get() : Offsets.NONE;
    Continuity.check(position, topics, source.checkpoint());
    begun.requireTakesIn(store, topics, job);
    // After all checks: a run that is refused changes nothing.
    Optional<String> aside = usable ? Optional.empty() : Optional.of(setCheckpointAside());
    begun.create(store, job);

    Pass<R> pass =
        new Pass<>(source, new Batch<>(store, job, probe), topics, begun.last(), listener, stop);
    Offsets begin = pass.next().atLeast(position).atLeast(topics.earliest());
    // The offsets before the checkpoint that the tables lack.
    pass.readRanges(position, begin);
    // After a stop, offsets are still missing, and the stream would skip them.
    if (!pass.next().isBehind(position)) {
      source.stream(begin, stop, pass::readStreamed);
    }
    probe.passed(CrashPoint.CHECKPOINT_COMMITTED);
    pass.finish();
    return pass.report().withCheckpointSetAside(aside);
  }

  /**
   * Whether the checkpoint can be used: not if Kafka lost its next offsets and losses are allowed.
   */
  private boolean isUsable(Offsets position, KafkaTopics topics) {
    return source.failOnDataLoss()
        || topics.next(position).lostBefore(topics.earliest(), topics.latest()).isEmpty();
  }

  private String setCheckpointAside() {
    String aside = source.setCheckpointAside();
    LOG.warn(
        "Checkpoint {} cannot be used any more: it was moved to {}", source.checkpoint(), aside);
    return aside;
  }
}

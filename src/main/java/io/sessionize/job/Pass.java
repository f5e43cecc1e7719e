package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.source.Source.Streamed;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over the topics, from the offsets of the tables to the ends that the topics had at its
 * beginning: one batch after the other, then the idle step.
 *
 * @param <R> records as the source gives them
 */
final class Pass<R> {
  private static final Logger LOG = LoggerFactory.getLogger(Pass.class);
  private static final long NANOS_PER_MS = 1_000_000;

  private final Source<R> source;
  private final Batch<R> batch;
  private final KafkaTopics topics;
  private final RunSummary last;
  private final RunListener listener;
  private final BooleanSupplier stop;
  private BatchReport report;
  private Offsets next;
  private long waiting = System.nanoTime();
  private boolean foundEvents;

  /**
   * @param batch for the batches of this pass
   * @param topics as the brokers describe them now
   * @param last commit point of the tables
   * @param stop true to end before the next batch
   */
  Pass(
      Source<R> source,
      Batch<R> batch,
      KafkaTopics topics,
      RunSummary last,
      RunListener listener,
      BooleanSupplier stop) {
    this.source = source;
    this.batch = batch;
    this.topics = topics;
    this.last = last;
    this.listener = listener;
    this.stop = stop;
    this.next = topics.next(last.requireProgress().next());
    listener.planned(topics.latest().since(next));
  }

  /** The offsets that the tables lack. */
  Offsets next() {
    return next;
  }

  /**
   * Reads ranges of offsets, each a batch of at most {@link Source#maxOffsets}, until the tables
   * have reached a position.
   *
   * @param end the end of the last range; at or after the position
   */
  void readRanges(Offsets position, Offsets end) {
    while (next.isBehind(position) && !stop.getAsBoolean()) {
      OffsetRange missing = new OffsetRange(next.atLeast(topics.earliest()), end);
      OffsetRange piece = missing.first(source.maxOffsets());
      read(source.range(piece.from(), piece.to()), piece.to());
    }
  }

  /** Reads a batch of the stream, without the records that the tables have. */
  void readStreamed(Streamed<R> streamed) {
    if (next.isBehind(streamed.end())) {
      read(streamed.since(next), next.atLeast(streamed.end()));
    }
  }

  /**
   * Reads up to these offsets as one batch. If its records are too large, it reads them from Kafka
   * again, in parts; each part is a batch with its own commit.
   */
  private void read(R records, Offsets to) {
    try {
      add(batch.run(input(records, to)));
    } catch (BatchTooLargeException large) {
      readInParts(to, large);
    }
  }

  private void readInParts(Offsets to, BatchTooLargeException first) {
    long size = first.partSize();
    while (next.isBehind(to) && !stop.getAsBoolean()) {
      OffsetRange part = new OffsetRange(next.atLeast(topics.earliest()), to).first(size);
      LOG.info("The batch is too large: reading {} offsets of it", part.size());
      try {
        R records = source.range(part.from(), part.to());
        add(batch.run(input(records, part.to())));
        // Large records are often few. A part that is too large costs its reading.
        size += size / 4 + 1;
      } catch (BatchTooLargeException large) {
        size = large.partSize();
      }
    }
  }

  /** Records lost offsets at the end, and runs the idle step, unless the pass was stopped. */
  void finish() {
    if (stop.getAsBoolean()) {
      return;
    }
    Offsets held = next.atLeast(topics.earliest());
    if (next.isBehind(held)) {
      // No batch has recorded this lost range, since no record came after it.
      add(batch.run(input(source.range(held, held), held)));
    }
    if (!foundEvents) {
      batch.idle(input(null, next)).ifPresent(this::add);
    }
  }

  /** The sum of the batches. */
  BatchReport report() {
    return report == null
        ? BatchReport.nothing(next, last.requireProgress().watermark(), last.count("open"))
        : report;
  }

  private Input<R> input(R records, Offsets to) {
    return new Input<>(
        records,
        topics.ids(),
        next,
        to,
        next.lostBefore(topics.earliest(), to),
        Set.of(),
        Work.RUN);
  }

  private void add(BatchReport done) {
    report = report == null ? done : report.then(done);
    next = done.read().next();
    foundEvents |= done.read().hasEvents();
    listener.batch(done);
    if (LOG.isInfoEnabled()) {
      LOG.info("{}", done.throughput((System.nanoTime() - waiting) / NANOS_PER_MS));
    }
    waiting = System.nanoTime();
  }
}

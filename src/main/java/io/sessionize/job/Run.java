package io.sessionize.job;

import io.sessionize.Version;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Source;
import io.sessionize.source.Source.Streamed;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hourly run: reads all records of the topic that the tables have not read, in one or more
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
  private static final long NANOS_PER_MS = 1_000_000;

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
   * Reads to the end of the topic.
   *
   * @param stop true to end before the next batch
   * @return counts and times of all its batches
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public BatchReport execute(BooleanSupplier stop) {
    KafkaTopic known = source.describe();
    Optional<Base> current = store.find();
    RunSummary start =
        RunSummary.start(Version.TEXT, known.name(), known.id(), rules(current.map(Base::open)));
    RunSummary last = current.map(Base::open).orElse(start);
    Optional<Offsets> found = source.position();
    // After tables and checkpoint: another driver may move them up to records that have just
    // arrived.
    KafkaTopic topic = source.describe();
    current.ifPresent(base -> base.requireSettled(job.names().table()));
    Continuity.check(last, topic, job, source.failOnDataLoss());
    boolean usable = found.isPresent() && isUsable(found.get(), topic);
    Offsets position = usable ? found.get() : Offsets.NONE;
    Continuity.check(position, topic, source.checkpoint());
    requireDefinition(current, known);
    // After all checks: a run that is refused changes nothing.
    Optional<String> aside = usable ? Optional.empty() : Optional.of(setCheckpointAside());
    store.create(start, job.definition());

    Batch<R> batch = new Batch<>(store, job, probe);
    Total total = new Total();
    total.next = topic.next(last.requireProgress().next());
    listener.planned(topic.latest().since(total.next));
    Offsets begin = total.next.atLeast(position).atLeast(topic.earliest());
    catchUp(position, begin, batch, topic, total, stop);
    // After a stop, offsets are still missing, and the stream would skip them.
    if (!total.next.isBehind(position)) {
      source.stream(
          begin, topic.latest(), stop, streamed -> next(batch, streamed, topic, total, stop));
    }
    probe.passed(CrashPoint.CHECKPOINT_COMMITTED);
    if (!stop.getAsBoolean()) {
      finish(batch, topic, total);
    }
    BatchReport done =
        total.report == null
            ? BatchReport.nothing(
                total.next, last.requireProgress().watermark(), last.count("open"))
            : total.report;
    return done.withCheckpointSetAside(aside);
  }

  private Rules rules(Optional<RunSummary> last) {
    return job.rules().apply(last.map(RunSummary::rules).map(Rules::parse).orElse(Rules.DEFAULT));
  }

  /** Refuses a definition before it is taken in, since a run that is refused changes nothing. */
  private void requireDefinition(Optional<Base> current, KafkaTopic topic) {
    if (current.isPresent()) {
      job.definition()
          .takenInto(current.get().definitions(), current.get().progress().topics().keySet());
    } else {
      job.definition().first(Set.of(topic.name()));
    }
  }

  /**
   * Whether the checkpoint can be used: not if Kafka lost its next offsets and losses are allowed.
   */
  private boolean isUsable(Offsets position, KafkaTopic topic) {
    return source.failOnDataLoss()
        || topic.next(position).lostBefore(topic.earliest(), topic.latest()).isEmpty();
  }

  private String setCheckpointAside() {
    String aside = source.setCheckpointAside();
    LOG.warn(
        "Checkpoint {} cannot be used any more: it was moved to {}", source.checkpoint(), aside);
    return aside;
  }

  /** Reads the offsets before the checkpoint that the tables lack, in separate batches. */
  private void catchUp(
      Offsets position,
      Offsets begin,
      Batch<R> batch,
      KafkaTopic topic,
      Total total,
      BooleanSupplier stop) {
    while (total.next.isBehind(position) && !stop.getAsBoolean()) {
      OffsetRange missing = new OffsetRange(total.next.atLeast(topic.earliest()), begin);
      OffsetRange piece = missing.first(source.maxOffsets());
      read(batch, source.range(piece.from(), piece.to()), topic, piece.to(), total, stop);
    }
  }

  /**
   * Reads up to these offsets as one batch. If its records are too large, it reads them from the
   * topic again, in parts; each part is a batch with its own commit.
   */
  private void read(
      Batch<R> batch, R records, KafkaTopic topic, Offsets to, Total total, BooleanSupplier stop) {
    try {
      total.add(batch.run(input(records, topic, total.next, to)));
    } catch (BatchTooLargeException large) {
      readInParts(batch, topic, to, total, stop, large);
    }
  }

  private void readInParts(
      Batch<R> batch,
      KafkaTopic topic,
      Offsets to,
      Total total,
      BooleanSupplier stop,
      BatchTooLargeException first) {
    long size = first.partSize();
    while (total.next.isBehind(to) && !stop.getAsBoolean()) {
      OffsetRange part = new OffsetRange(total.next.atLeast(topic.earliest()), to).first(size);
      LOG.info("The batch is too large: reading {} offsets of it", part.size());
      try {
        R records = source.range(part.from(), part.to());
        total.add(batch.run(input(records, topic, total.next, part.to())));
        // Large records are often few. A part that is too large costs its reading.
        size += size / 4 + 1;
      } catch (BatchTooLargeException large) {
        size = large.partSize();
      }
    }
  }

  /** Records lost offsets at the end, and runs the idle step, after the stream has ended. */
  private void finish(Batch<R> batch, KafkaTopic topic, Total total) {
    Offsets held = total.next.atLeast(topic.earliest());
    if (total.next.isBehind(held)) {
      // No batch has recorded this lost range, since no record came after it.
      total.add(batch.run(input(source.range(held, held), topic, total.next, held)));
    }
    if (!total.foundEvents) {
      batch.idle(input(null, topic, total.next, total.next)).ifPresent(total::add);
    }
  }

  private void next(
      Batch<R> batch, Streamed<R> streamed, KafkaTopic topic, Total total, BooleanSupplier stop) {
    Offsets from = total.next;
    if (from.isBehind(streamed.end())) {
      Offsets next = from.atLeast(streamed.end());
      read(batch, streamed.since(from), topic, next, total, stop);
    }
  }

  private Input<R> input(R records, KafkaTopic topic, Offsets from, Offsets next) {
    return new Input<>(
        records,
        topic.name(),
        topic.id(),
        from,
        next,
        from.lostBefore(topic.earliest(), next),
        Set.of(),
        Work.RUN);
  }

  /** The sum of the batches so far. */
  private final class Total {
    private BatchReport report;
    private Offsets next;
    private long waiting = System.nanoTime();
    private boolean foundEvents;

    void add(BatchReport done) {
      report = report == null ? done : report.then(done);
      next = done.read().next();
      foundEvents |= done.read().events() + done.read().duplicates() > 0;
      listener.batch(done);
      LOG.info("{}", done.throughput((System.nanoTime() - waiting) / NANOS_PER_MS));
      waiting = System.nanoTime();
    }
  }
}

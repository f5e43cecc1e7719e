package io.sessionize.job;

import io.sessionize.Version;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
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
   * Reads to the end of the topics.
   *
   * @param stop true to end before the next batch
   * @return counts and times of all its batches
   * @throws io.sessionize.Failure with the exit code of its kind
   */
  public BatchReport execute(BooleanSupplier stop) {
    KafkaTopics known = source.describe();
    Optional<Base> current = store.find();
    RunSummary start = RunSummary.start(Version.TEXT, known.ids(), rules(current.map(Base::open)));
    RunSummary last = current.map(Base::open).orElse(start);
    Optional<Offsets> found = source.position();
    // After tables and checkpoint: another driver may move them up to records that have just
    // arrived.
    KafkaTopics topics = source.describe();
    current.ifPresent(base -> base.requireSettled(job.names().table()));
    Continuity.check(last, topics, job, source.failOnDataLoss());
    boolean usable = found.isPresent() && isUsable(found.get(), topics);
    Offsets position = usable ? found.get() : Offsets.NONE;
    Continuity.check(position, topics, source.checkpoint());
    DefinitionIntake.requireAllowed(job, current, topics.names());
    store.requireTakesIn(start, job.definition(), job.columns());
    logChanges(last, topics);
    // After all checks: a run that is refused changes nothing.
    Optional<String> aside = usable ? Optional.empty() : Optional.of(setCheckpointAside());
    store.create(start, job.definition(), job.columns(), false);

    Batch<R> batch = new Batch<>(store, job, probe);
    Total total = new Total();
    total.next = topics.next(last.requireProgress().next());
    listener.planned(topics.latest().since(total.next));
    Offsets begin = total.next.atLeast(position).atLeast(topics.earliest());
    catchUp(position, begin, batch, topics, total, stop);
    // After a stop, offsets are still missing, and the stream would skip them.
    if (!total.next.isBehind(position)) {
      source.stream(
          begin, topics.latest(), stop, streamed -> next(batch, streamed, topics, total, stop));
    }
    probe.passed(CrashPoint.CHECKPOINT_COMMITTED);
    if (!stop.getAsBoolean()) {
      finish(batch, topics, total);
    }
    BatchReport done =
        total.report == null
            ? BatchReport.nothing(
                total.next, last.requireProgress().watermark(), last.count("open"))
            : total.report;
    return done.withCheckpointSetAside(aside);
  }

  private static void logChanges(RunSummary last, KafkaTopics topics) {
    Set<String> recorded = last.requireProgress().topics().keySet();
    topics.names().stream()
        .filter(name -> !recorded.contains(name))
        .forEach(
            name ->
                LOG.info(
                    "Topic {} is new to the tables: it is read from {}",
                    name,
                    topics.earliest().ofTopics(Set.of(name))));
    recorded.stream()
        .filter(name -> !topics.names().contains(name))
        .forEach(name -> LOG.info("Topic {} is dropped: its events stay", name));
  }

  private Rules rules(Optional<RunSummary> last) {
    return job.rules().apply(last.map(RunSummary::rules).map(Rules::parse).orElse(Rules.DEFAULT));
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

  /** Reads the offsets before the checkpoint that the tables lack, in separate batches. */
  private void catchUp(
      Offsets position,
      Offsets begin,
      Batch<R> batch,
      KafkaTopics topics,
      Total total,
      BooleanSupplier stop) {
    while (total.next.isBehind(position) && !stop.getAsBoolean()) {
      OffsetRange missing = new OffsetRange(total.next.atLeast(topics.earliest()), begin);
      OffsetRange piece = missing.first(source.maxOffsets());
      read(batch, source.range(piece.from(), piece.to()), topics, piece.to(), total, stop);
    }
  }

  /**
   * Reads up to these offsets as one batch. If its records are too large, it reads them from Kafka
   * again, in parts; each part is a batch with its own commit.
   */
  private void read(
      Batch<R> batch,
      R records,
      KafkaTopics topics,
      Offsets to,
      Total total,
      BooleanSupplier stop) {
    try {
      total.add(batch.run(input(records, topics, total.next, to)));
    } catch (BatchTooLargeException large) {
      readInParts(batch, topics, to, total, stop, large);
    }
  }

  private void readInParts(
      Batch<R> batch,
      KafkaTopics topics,
      Offsets to,
      Total total,
      BooleanSupplier stop,
      BatchTooLargeException first) {
    long size = first.partSize();
    while (total.next.isBehind(to) && !stop.getAsBoolean()) {
      OffsetRange part = new OffsetRange(total.next.atLeast(topics.earliest()), to).first(size);
      LOG.info("The batch is too large: reading {} offsets of it", part.size());
      try {
        R records = source.range(part.from(), part.to());
        total.add(batch.run(input(records, topics, total.next, part.to())));
        // Large records are often few. A part that is too large costs its reading.
        size += size / 4 + 1;
      } catch (BatchTooLargeException large) {
        size = large.partSize();
      }
    }
  }

  /** Records lost offsets at the end, and runs the idle step, after the stream has ended. */
  private void finish(Batch<R> batch, KafkaTopics topics, Total total) {
    Offsets held = total.next.atLeast(topics.earliest());
    if (total.next.isBehind(held)) {
      // No batch has recorded this lost range, since no record came after it.
      total.add(batch.run(input(source.range(held, held), topics, total.next, held)));
    }
    if (!total.foundEvents) {
      batch.idle(input(null, topics, total.next, total.next)).ifPresent(total::add);
    }
  }

  private void next(
      Batch<R> batch, Streamed<R> streamed, KafkaTopics topics, Total total, BooleanSupplier stop) {
    Offsets from = total.next;
    if (from.isBehind(streamed.end())) {
      Offsets next = from.atLeast(streamed.end());
      read(batch, streamed.since(from), topics, next, total, stop);
    }
  }

  private Input<R> input(R records, KafkaTopics topics, Offsets from, Offsets next) {
    return new Input<>(
        records,
        topics.ids(),
        from,
        next,
        from.lostBefore(topics.earliest(), next),
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

package io.sessionize.job;

import io.sessionize.Version;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Source;
import io.sessionize.source.Source.Streamed;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hourly run: everything that the topic holds and the tables do not, in one or more batches.
 *
 * <p>The staging table's offsets are the truth. A checkpoint that lags behind them is skipped over;
 * one that is ahead (the tables were rolled back) has the missing range read first.
 *
 * @param <R> records as the source gives them
 */
public final class Run<R> {
  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final String COMMAND = "run";
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
   * Runs until the topic is drained.
   *
   * @param stop asks to end between two batches
   * @return what it did
   * @throws io.sessionize.Failure as the exit codes say
   */
  public BatchReport execute(BooleanSupplier stop) {
    KafkaTopic known = source.describe();
    RunSummary start =
        RunSummary.start(Version.TEXT, COMMAND, known.name(), known.id(), job.rules());
    Optional<Base> standing = store.standing();
    RunSummary last = standing.map(Base::open).orElse(start);
    Optional<Offsets> found = source.position();
    // Asked last: another driver may be moving tables and checkpoint on with what has just arrived.
    KafkaTopic topic = source.describe();
    standing.ifPresent(base -> base.requireSettled(job.names().table()));
    Continuity.check(last, topic, job, source.failOnDataLoss());
    boolean usable = found.isPresent() && canBeFollowed(found.get(), topic);
    Offsets position = usable ? found.get() : Offsets.NONE;
    Continuity.check(position, topic, source.checkpoint());
    // Only now: a run that is refused has touched nothing.
    String aside = usable ? null : setCheckpointAside();
    store.create(start);

    Batch<R> batch = new Batch<>(store, job, probe);
    Total total = new Total();
    total.next = topic.next(new Offsets(last.next()));
    listener.planned(topic.latest().since(total.next));
    Offsets begin = total.next.atLeast(position).atLeast(topic.earliest());
    catchUp(position, begin, batch, topic, total, stop);
    // Where it was stopped, the stream would go on beyond what is still missing.
    if (!total.next.isBehind(position)) {
      source.stream(begin, topic.latest(), stop, streamed -> next(batch, streamed, topic, total));
    }
    probe.passed(CrashPoint.CHECKPOINT_COMMITTED);
    if (!stop.getAsBoolean()) {
      finish(batch, topic, total);
    }
    BatchReport done =
        total.report == null
            ? BatchReport.nothing(
                total.next, last.watermark(), last.counts().getOrDefault("open", 0L))
            : total.report;
    return done.withCheckpointSetAside(aside);
  }

  /** Whether a run that may go on after a loss finds in Kafka what the checkpoint reads next. */
  private boolean canBeFollowed(Offsets position, KafkaTopic topic) {
    return source.failOnDataLoss()
        || topic.next(position).lostBefore(topic.earliest(), topic.latest()).isEmpty();
  }

  private String setCheckpointAside() {
    String aside = source.setCheckpointAside();
    LOG.warn(
        "Checkpoint {} cannot be followed any more: it lies at {} now", source.checkpoint(), aside);
    return aside;
  }

  /** Reads what the checkpoint has passed but the tables do not have, in batches of its own. */
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
      R records = source.range(piece.from(), piece.to());
      total.add(batch.run(input(records, topic, total.next, piece.to())));
    }
  }

  /** What is left to say where the stream has ended. */
  private void finish(Batch<R> batch, KafkaTopic topic, Total total) {
    Offsets held = total.next.atLeast(topic.earliest());
    if (total.next.isBehind(held)) {
      // Nothing has come after a gap that could have recorded it.
      total.add(batch.run(input(source.range(held, held), topic, total.next, held)));
    }
    if (!total.foundEvents) {
      batch.silence(input(null, topic, total.next, total.next)).ifPresent(total::add);
    }
  }

  private void next(Batch<R> batch, Streamed<R> streamed, KafkaTopic topic, Total total) {
    Offsets from = total.next;
    if (from.isBehind(streamed.end())) {
      Offsets next = from.atLeast(streamed.end());
      total.add(batch.run(input(streamed.since(from), topic, from, next)));
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
        COMMAND);
  }

  /** What the run has done so far. */
  private final class Total {
    private BatchReport report;
    private Offsets next;
    private long waiting = System.nanoTime();
    private boolean foundEvents;

    void add(BatchReport done) {
      report = report == null ? done : report.then(done);
      next = done.next();
      foundEvents |= done.events() + done.duplicates() > 0;
      listener.batch(done);
      LOG.info("{}", done.throughput((System.nanoTime() - waiting) / NANOS_PER_MS));
      waiting = System.nanoTime();
    }
  }
}

package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.Source;
import io.sessionize.summary.Work;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a range of offsets again and restates its users, as an hourly run does. It can be repeated
 * at any time. It moves neither the checkpoint, nor the offsets of the tables, nor the watermark.
 *
 * @param <R> records as the source gives them
 */
public final class Backfill<R> {
  private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);

  private final Store<R> store;
  private final Source<R> source;
  private final Job job;
  private final CrashPoint.Probe probe;

  public Backfill(Store<R> store, Source<R> source, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.source = source;
    this.job = job;
    this.probe = probe;
  }

  /**
   * Restates the users of a range.
   *
   * @param range the offsets to read
   * @param users to restate; empty for all users of the range
   * @param apply false to write nothing and report what would change
   * @throws io.sessionize.Failure with the exit code of its kind; broken, if Kafka no longer holds
   *     the range
   */
  public Backfilled execute(OffsetRange range, Set<String> users, boolean apply) {
    KafkaTopics topics = source.describe();
    Continuity.checkPart(store.base().open(), topics.ids(), job);
    topics.requireHolds(range);
    new DefinitionIntake(store, job).execute(apply);
    OffsetRange whole = topics.withAllPartitions(range);
    Input<R> input =
        new Input<>(
            source.range(whole.from(), whole.to()),
            topics.ids(),
            range.from(),
            range.to(),
            OffsetRange.NONE,
            users,
            Work.BACKFILL.ofUsers(users.size()));
    Backfilled done = new Batch<>(store, job, probe).backfill(input, apply);
    LOG.info("{}", done.batch().throughput(done.batch().time().milliseconds()));
    return done;
  }
}

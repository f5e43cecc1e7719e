package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Definitions;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Source;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
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
    KafkaTopic topic = source.describe();
    Continuity.checkSame(store.base().open(), topic.name(), topic.id(), job);
    topic.requireHolds(range);
    takeIn(topic, apply);
    OffsetRange whole = topic.withAllPartitions(range);
    Input<R> input =
        new Input<>(
            source.range(whole.from(), whole.to()),
            topic.name(),
            topic.id(),
            range.from(),
            range.to(),
            OffsetRange.NONE,
            users,
            Work.BACKFILL.ofUsers(users.size()));
    Backfilled done = new Batch<>(store, job, probe).backfill(input, apply);
    LOG.info("{}", done.batch().throughput(done.batch().time().milliseconds()));
    return done;
  }

  /** The definition must be among those of the tables before a batch can use it. */
  private void takeIn(KafkaTopic topic, boolean apply) {
    Base base = store.base();
    Definitions due =
        job.definition().takenInto(base.definitions(), base.progress().topics().keySet());
    if (due.number() == base.definitions().number()) {
      return;
    }
    if (!apply) {
      throw Failure.usage(
          "--dry-run writes nothing, so the tables cannot take in the changed definition: give it to a run or a"
              + " backfill first, or omit --definition.");
    }
    Rules rules = job.rules().apply(Rules.parse(base.open().rules()));
    store.create(RunSummary.start(Version.TEXT, topic.name(), topic.id(), rules), job.definition());
  }
}

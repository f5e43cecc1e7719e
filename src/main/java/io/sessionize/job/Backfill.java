package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.Source;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a range of offsets right by hand: what an hourly run does with it, at any time and as often
 * as one likes. The checkpoint, the offsets that the tables stand at and the watermark stay.
 *
 * @param <R> records as the source gives them
 */
public final class Backfill<R> {
  static final String COMMAND = "backfill";

  /** How the command of a backfill begins that was restricted to users. */
  public static final String OF_USERS = COMMAND + " of ";

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
   * @param range to be read
   * @param users whose events alone count; empty for everybody's
   * @param apply false to write nothing and tell what would be
   * @throws io.sessionize.Failure as the exit codes say; broken, where Kafka no longer holds the
   *     range
   */
  public Backfilled execute(OffsetRange range, Set<String> users, boolean apply) {
    KafkaTopic topic = source.describe();
    Continuity.checkSame(store.base().open(), topic.name(), topic.id(), job);
    topic.requireHolds(range);
    OffsetRange whole = topic.withAllPartitions(range);
    Input<R> input =
        new Input<>(
            source.range(whole.from(), whole.to()),
            topic.name(),
            topic.id(),
            range.from(),
            range.to(),
            Map.of(),
            users,
            users.isEmpty() ? COMMAND : OF_USERS + users.size() + " users");
    Backfilled done = new Batch<>(store, job, probe).backfill(input, apply);
    LOG.info("{}", done.batch().throughput(done.batch().milliseconds()));
    return done;
  }
}

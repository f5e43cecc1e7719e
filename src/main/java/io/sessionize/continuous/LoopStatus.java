package io.sessionize.continuous;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * The state of a loop. What is not known yet is empty.
 *
 * @param waitingSince when it began to wait for a service
 * @param latency of the last batch that read records: from the earliest of their Kafka timestamps
 *     to the commit
 * @param greatestLatency of the batches of the last hour
 * @param batch duration of the last batch
 * @param longestBatch of the last hour
 * @param trigger time from the start of a run to the start of the next
 * @param backlog offsets that waited when the last run began
 * @param backlogTime how long these take at the speed of the last hour, or of the last batch
 * @param lastCommit when a batch was last committed
 * @param retries attempts that have failed and were repeated
 * @param maintenanceFailures steps of maintenance that have failed
 */
public record LoopStatus(
    State state,
    Optional<Instant> waitingSince,
    Optional<Duration> latency,
    Optional<Duration> greatestLatency,
    Optional<Duration> batch,
    Optional<Duration> longestBatch,
    Duration trigger,
    Optional<Long> backlog,
    Optional<Duration> backlogTime,
    Optional<Instant> lastCommit,
    long retries,
    long maintenanceFailures) {

  /** What the loop is doing. */
  public enum State {
    /** It keeps up. */
    RUNNING,
    /** It waits for a service that is away, or for another writer. */
    WAITING,
    /** Its runs take longer than the trigger, and the backlog grows. */
    BEHIND;

    /** The name in metrics. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

package io.sessionize.continuous;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The pauses between attempts that fail because a service is away, or because another writer
 * commits first or is between its commits: 1 s, doubled up to 1 min. A failure of an unknown cause
 * may end by itself too, and is followed by a few attempts only. Not thread-safe, but for {@link
 * #isWaiting} and {@link #since}.
 */
public final class Patience {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Attempts that follow a failure of an unknown cause: with their pauses half a minute. */
  public static final int ATTEMPTS = 5;

  private final Duration most;
  private final LongSupplier clock;
  private Duration pause = FIRST;
  private int unknown;
  private volatile Instant since;

  /**
   * @param most how long to wait from the first failure to the last attempt; 0 to never wait
   * @param clock current time, epoch milliseconds
   */
  public Patience(Duration most, LongSupplier clock) {
    this.most = most;
    this.clock = clock;
  }

  /** Whether a failure ends when a service or another writer lets it. */
  static boolean mayEnd(Failure failure) {
    return failure.kind() == Kind.UNREACHABLE
        || failure.kind() == Kind.CONFLICT
        || failure.mayPass();
  }

  /** Whether a few more attempts may succeed: not, if the memory was too small. */
  private static boolean isUnknown(Failure failure) {
    return failure.kind() == Kind.OTHER
        && Failure.chain(failure).stream().noneMatch(VirtualMachineError.class::isInstance);
  }

  /**
   * Returns the pause after a failed attempt.
   *
   * @return empty, if the failure does not end by itself, or has lasted too long
   */
  Optional<Duration> failed(Failure failure) {
    if (isUnknown(failure)) {
      unknown++;
    } else if (!mayEnd(failure)) {
      return Optional.empty();
    }
    Instant now = now();
    if (since == null) {
      since = now;
    }
    Duration left = most.minus(Duration.between(since, now));
    if (unknown > ATTEMPTS || left.isNegative() || left.isZero()) {
      return Optional.empty();
    }
    Duration next = shorter(pause, left);
    pause = shorter(pause.multipliedBy(2), LONGEST);
    return Optional.of(next);
  }

  /**
   * Ends the wait after an attempt that succeeded.
   *
   * @return how long it was; empty, if there was none
   */
  Optional<Duration> reached() {
    Optional<Duration> waited = since().map(begin -> Duration.between(begin, now()));
    since = null;
    pause = FIRST;
    unknown = 0;
    return waited;
  }

  /** Whether the last attempt failed. */
  boolean isWaiting() {
    return since != null;
  }

  /** Returns the time of the first failure; empty, if the last attempt succeeded. */
  Optional<Instant> since() {
    return Optional.ofNullable(since);
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.getAsLong());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}

package io.sessionize.continuous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final Failure AWAY = Failure.unreachable(null, "away");

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final Patience patience = new Patience(Duration.ofMinutes(5), clock::get);

  @Test
  void thePausesGrowUntilTheTimeIsOver() {
    assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L, 57L), pausesUntilTheEnd());
    assertEquals(Optional.empty(), patience.failed(AWAY));
  }

  @Test
  void aSuccessBeginsFromTheStart() {
    patience.failed(AWAY);
    clock.addAndGet(7_000);
    assertTrue(patience.isWaiting());
    assertEquals(Optional.of(Instant.ofEpochMilli(1_000_000)), patience.since());
    assertEquals(Optional.of(Duration.ofSeconds(7)), patience.reached());
    assertEquals(Optional.empty(), patience.reached());
    assertFalse(patience.isWaiting());
    clock.addAndGet(Duration.ofHours(1).toMillis());
    assertEquals(10, pausesUntilTheEnd().size());
  }

  @Test
  void whatDoesNotEndByItselfIsNotWaitedFor() {
    for (Failure.Kind kind : Failure.Kind.values()) {
      boolean waits = kind != Failure.Kind.USAGE && kind != Failure.Kind.BROKEN;
      assertEquals(waits, patience.failed(new Failure(kind, "x", null)).isPresent(), kind.name());
    }
  }

  @Test
  void anUnknownCauseIsFollowedByAFewAttempts() {
    Failure reset = new Failure(Failure.Kind.OTHER, "reset", new IOException("reset"));
    for (int round = 0; round < 2; round++) {
      for (int attempt = 0; attempt < Patience.ATTEMPTS; attempt++) {
        assertTrue(patience.failed(reset).isPresent());
      }
      assertEquals(Optional.empty(), patience.failed(reset));
      patience.reached();
    }
  }

  @Test
  void aMemoryThatIsTooSmallIsNotTriedAgain() {
    Throwable cause = new IllegalStateException(new OutOfMemoryError("heap"));
    assertEquals(
        Optional.empty(), patience.failed(new Failure(Failure.Kind.OTHER, "memory", cause)));
  }

  @Test
  void causesInACircleAreNoEndlessLoop() {
    Exception one = new IllegalStateException("one");
    one.initCause(new IllegalStateException("other", one));
    Failure circle = new Failure(Failure.Kind.OTHER, "circle", one);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertTrue(patience.failed(circle).isPresent()));
  }

  @Test
  void withoutPatienceTheFirstFailureIsTheLast() {
    assertEquals(Optional.empty(), new Patience(Duration.ZERO, clock::get).failed(AWAY));
  }

  private List<Long> pausesUntilTheEnd() {
    List<Long> pauses = new ArrayList<>();
    Optional<Duration> pause = patience.failed(AWAY);
    while (pause.isPresent()) {
      pauses.add(pause.get().toSeconds());
      clock.addAndGet(pause.get().toMillis());
      pause = patience.failed(AWAY);
    }
    return pauses;
  }
}

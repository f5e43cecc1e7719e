package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.job.MemoryTopic.Message;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FollowingRunTest {
  private static final RunListener NOBODY = batch -> {};

  private final MemoryTopic topic = new MemoryTopic(1);
  private final MemoryStore store = new MemoryStore(new MemoryTables(() -> {}), Long.MAX_VALUE);
  private final Job job =
      new Job(
          new TableNames("memory", "sessions", "user_sessions"),
          Rules.DEFAULT,
          Duration.ofMinutes(10),
          null,
          Duration.ofMinutes(10),
          () -> RandomTraffic.BEGIN_MS);

  @Test
  void aFailureForgetsTheTablesAndNotTheCheckpointThatWasSetAside() {
    send();
    new Run<>(store, topic, job, NOBODY, CrashPoint.Probe.NONE).execute(() -> false);
    send();
    try (FollowingRun<List<Message>> run =
        new FollowingRun<>(
            store, topic, job, NOBODY, Simulation.crashAt(CrashPoint.OPEN_WRITTEN, 1))) {
      assertThrows(Simulation.Crash.class, () -> run.execute(() -> false));
      assertEquals(1, store.forgotten().get());
      assertEquals(Optional.of("nowhere"), run.execute(() -> false).checkpointSetAside());
      assertTrue(run.execute(() -> false).checkpointSetAside().isEmpty());
      assertEquals(1, store.forgotten().get());
    }
  }

  private void send() {
    long time = RandomTraffic.BEGIN_MS;
    topic.send(new Arrival(time, 0, null, time));
  }
}

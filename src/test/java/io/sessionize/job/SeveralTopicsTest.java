package io.sessionize.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Event;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.summary.Progress;
import io.sessionize.testing.RandomTraffic;
import io.sessionize.testing.RandomTraffic.Arrival;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics that are added, go quiet, are dropped, recreated and bound anew, on tables in memory. */
class SeveralTopicsTest {
  private static final String WEB = MemoryTopic.NAME;
  private static final String APP = "app";
  private static final long DELAY_MS = Duration.ofMinutes(10).toMillis();
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  private final Simulation simulation = new Simulation("one", Rules.DEFAULT);
  private int sent;

  /** Tables of one topic. */
  @BeforeEach
  void runOfOneTopic() {
    send(WEB, 0);
    run();
    assertEquals(Map.of(WEB, "id"), progress().topics());
  }

  @Test
  void anAddedTopicIsReadFromItsEarliestOffsetAndLosesNothing() {
    add(3);
    send(APP, 5);
    BatchReport done = run();
    assertEquals(OffsetRange.NONE, done.read().lost());
    assertEquals(1, done.read().records());
    assertTrue(done.checkpointSetAside().isPresent());
    assertEquals(Map.of(WEB, "id", APP, "app's id"), progress().topics());
    assertEquals("app:0:4,topic:0:1,topic:1:0", progress().next().toString());
    simulation.assertLiveEqualsOracle();
  }

  @Test
  void anAddedTopicWithoutRecordsIsRecordedSoThatALaterLossIsSeen() {
    add(3);
    run();
    assertEquals(Map.of(WEB, "id", APP, "app's id"), progress().topics());
    simulation.topic().addTopic(APP, "app's id", 1, 7);
    assertRefused(Failure.Kind.BROKEN, "deleted offsets [3, 7) of partition 0 of topic app");
  }

  @Test
  void aTopicThatGoesQuietHoldsNobodyBack() {
    add(0);
    send(WEB, 0);
    send(APP, 0);
    run();
    assertEquals(watermark(0), progress().watermark().publishedMs());
    send(WEB, 120);
    run();
    assertEquals(watermark(120), progress().watermark().publishedMs());
    // It comes back late: its own events are not lost, and hold the watermark where it is
    send(APP, 10);
    send(WEB, 180);
    run();
    assertEquals(watermark(120), progress().watermark().publishedMs());
    simulation.assertLiveEqualsOracle();
  }

  @Test
  void aTopicThatIsNoLongerReadMustBeDropped() {
    add(0);
    send(APP, 5);
    run();
    simulation.read(Set.of(WEB), Set.of());
    assertRefused(
        Failure.Kind.USAGE,
        "The tables are made from topic app too, and the job reads only topic. --drop-topic app");
    simulation.read(Set.of(WEB, APP), Set.of(APP));
    assertRefused(Failure.Kind.USAGE, "--drop-topic app: the job reads this topic");

    simulation.read(Set.of(WEB), Set.of(APP));
    run();
    assertEquals(Map.of(WEB, "id"), progress().topics());
    assertEquals(Set.of(WEB), progress().next().topics());
    assertEquals(Set.of(new Partition(WEB, 0)), progress().watermark().shown().keySet());
    simulation.assertLiveEqualsOracle();
    // The option may stay on the command line
    send(WEB, 20);
    run();

    // It comes back, and its copies count once
    send(APP, 25);
    simulation.read(Set.of(WEB, APP), Set.of());
    assertEquals(1, run().read().duplicates());
    simulation.assertLiveEqualsOracle();
  }

  @Test
  void oneTopicMayTakeThePlaceOfAnother() {
    simulation.topic().addTopic(APP, "app's id", 1, 0);
    simulation.read(Set.of(APP), Set.of());
    assertRefused(Failure.Kind.USAGE, "The tables were made from topic topic, not app: use that");
    simulation.read(Set.of(APP), Set.of(WEB));
    send(APP, 5);
    run();
    assertEquals(Map.of(APP, "app's id"), progress().topics());
    simulation.assertLiveEqualsOracle();
  }

  @Test
  void ofSeveralTopicsOneIsBoundAnewAndTheOthersContinue() {
    add(0);
    send(WEB, 20);
    send(APP, 25);
    run();
    simulation.topic().addTopic(APP, "new id", 1, 2);
    send(APP, 40);
    send(WEB, 45);
    assertRefused(Failure.Kind.BROKEN, "Topic app was deleted and recreated");
    assertRefused(
        Failure.Kind.BROKEN,
        "Topic app was deleted and recreated",
        () -> rebind(Offsets.of(WEB, Map.of(0, 1L))));

    Rebinding.Bound bound = rebind(Offsets.of(APP, Map.of(0, 2L)));
    assertEquals("app:0:2,topic:0:2,topic:1:0", bound.from().toString());
    assertEquals(Map.of(WEB, "id", APP, "new id"), progress().topics());
    assertEquals(Set.of(new Partition(WEB, 0)), progress().watermark().shown().keySet());
    assertEquals(2, run().read().records());
  }

  @Test
  void bindingDropsNoOtherTopicByItself() {
    add(0);
    run();
    simulation.read(Set.of(APP), Set.of());
    assertRefused(
        Failure.Kind.USAGE, "--drop-topic topic", () -> rebind(Offsets.of(APP, Map.of(0, 0L))));
    simulation.read(Set.of(APP), Set.of(WEB));
    rebind(Offsets.of(APP, Map.of(0, 0L)));
    assertEquals(Map.of(APP, "app's id"), progress().topics());
  }

  @Test
  void aBackfillMayReadSomeOfTheTopics() {
    add(0);
    send(APP, 5);
    run();
    simulation.read(Set.of(APP), Set.of());
    simulation.backfill(
        Offsets.of(APP, Map.of(0, 0L)), Offsets.of(APP, Map.of(0, 1L)), CrashPoint.Probe.NONE);
    assertEquals(Map.of(WEB, "id", APP, "app's id"), progress().topics());
  }

  private void add(long lost) {
    simulation.topic().addTopic(APP, "app's id", 1, lost);
    simulation.read(Set.of(WEB, APP), Set.of());
  }

  private void send(String topic, long minute) {
    long at = RandomTraffic.BEGIN_MS + RandomTraffic.minutes(minute);
    Click click = new Click("u", new Event(at, "e" + sent++, "home", null, null));
    simulation.topic().send(topic, new Arrival(at, 0, click, at));
    simulation.clock(RandomTraffic.BEGIN_MS + 24 * HOUR_MS);
  }

  private static long watermark(long minute) {
    return RandomTraffic.BEGIN_MS + RandomTraffic.minutes(minute) - DELAY_MS;
  }

  private BatchReport run() {
    return simulation.run(CrashPoint.Probe.NONE);
  }

  private Rebinding.Bound rebind(Offsets from) {
    return simulation.rebind(simulation.topic(), from, false, CrashPoint.Probe.NONE);
  }

  private Progress progress() {
    return simulation.tables().open().summary().requireProgress();
  }

  private void assertRefused(Failure.Kind kind, String message) {
    assertRefused(kind, message, this::run);
  }

  private static void assertRefused(Failure.Kind kind, String message, Runnable command) {
    Failure refused = assertThrows(Failure.class, command::run);
    assertEquals(kind, refused.kind(), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}

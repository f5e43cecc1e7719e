package io.sessionize.spark;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Counts the records while a run reads. */
class ReadProgressListenerTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void onlyKafkaRecordsAreCountedAndEachOnce() throws InterruptedException {
    scenario.send(click("ann", "08:00"), click("bob", "08:00"), click("bob", "08:10").on(1));
    BlockingQueue<Long> told = new ArrayBlockingQueue<>(1000);
    ReadProgressListener counter = new ReadProgressListener(told::add);
    TestSpark.session().sparkContext().addSparkListener(counter);
    try {
      scenario.runAt("12:00");
      scenario.send(click("ann", "08:20"));
      scenario.runAt("12:10");
      long count = 0;
      while (count < 4) {
        count = told.poll(1, TimeUnit.MINUTES);
      }
      // An idle run reads the tables, but nothing from Kafka.
      assertEquals(2, scenario.runAt("12:20").sessions().added());
      scenario.send(click("ann", "12:30"));
      scenario.runAt("12:40");
      while (count < 5) {
        count = told.poll(1, TimeUnit.MINUTES);
      }
      assertEquals(5, count);
    } finally {
      TestSpark.session().sparkContext().removeSparkListener(counter);
    }
  }
}

package io.sessionize.cli;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.RecentBatches;
import io.sessionize.history.History;
import io.sessionize.job.CrashPoint;
import io.sessionize.session.Session;
import io.sessionize.spark.SparkJobs;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A continuous run beside a broker that dies, and beside compactions by another process. */
class ContinuousRunScenarioTest {
  private static final long DEADLINE_SECONDS = 300;

  /** Of a day and an hour, and of another hour or day that may begin meanwhile. */
  private static final long MOST_TAGS = 4;

  @TempDir Path folder;

  private final TableNames names = TestSpark.uniqueNames();
  private CompletableFuture<Void> running;

  @Test
  void itOutlivesItsBrokerAndCompactionsAndItsTablesStaySmall() throws Exception {
    try (TestBroker broker = TestBroker.startOwn(folder.resolve("kafka"))) {
      String topic = broker.createTopic("loop", 1);
      Arguments arguments = arguments(broker, topic, names);
      TableCommand.PreparedCommand loop = new RunCommand().check(arguments);
      running = start(loop, arguments);
      for (int hour = 1; hour <= 6; hour++) {
        send(
            broker,
            topic,
            click("user " + hour, "0" + hour + ":10"),
            click("ann", "0" + hour + ":20"));
        int sent = 2 * hour;
        await(() -> events() == sent);
        // Another process compacts whatever it finds.
        rewriteAll();
      }
      broker.kill();
      await(this::waiting);
      broker.restart();
      send(broker, topic, click("ann", "06:40"), click("user 1", "01:30"));
      await(() -> events() == 14);
      await(() -> !waiting());
      assertTrue(metric("loop_retries") > 0);
      assertTrue(metric("latency_seconds") > 0);
      assertTrue(metric("batch_max_seconds") > 0);

      // Of more than twenty commits, the current one and those with tags are left.
      await(() -> snapshots() <= MOST_TAGS + 1);
      loop.stop().orElseThrow().countDown();
      running.get(180, TimeUnit.SECONDS);

      // Another process sees how fast the last batch was, and what has expired.
      History history = new History(new SessionTables(TestSpark.session(), names));
      RecentBatches recent = RecentBatches.of(history);
      assertTrue(recent.last().orElseThrow().toSeconds() < DEADLINE_SECONDS, recent.toString());
      assertTrue(recent.longest().isPresent(), recent.toString());
      // The clicks are older than the run.
      assertTrue(
          recent.latency().orElseThrow().compareTo(recent.last().orElseThrow()) > 0,
          recent.toString());
      String expired = AuditLog.expired(history);
      assertTrue(expired.matches("expired: all commits before .*: audit-.*"), expired);
      assertEquals(expected(broker, topic), TestSpark.live(names));
    }
  }

  /** The sessions of one run over the same topic, whose clock is that of the loop. */
  private Map<String, Session> expected(TestBroker broker, String topic) {
    TableNames others = TestSpark.uniqueNames();
    Arguments arguments = arguments(broker, topic, others);
    for (int run = 0; run < 2; run++) {
      SparkJobs.run(
              TestSpark.session(),
              JobOptions.read(arguments).job(others),
              KafkaOptions.run(arguments),
              folder.resolve("other checkpoint").toString(),
              batch -> {},
              CrashPoint.Probe.NONE)
          .execute(() -> false);
    }
    return TestSpark.live(others);
  }

  private Arguments arguments(TestBroker broker, String topic, TableNames of) {
    Path kafka = folder.resolve("client.properties");
    try {
      Files.writeString(kafka, "default.api.timeout.ms=2000\nrequest.timeout.ms=1000\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    List<String> line =
        Stream.of(
                "--kafka-servers " + broker.servers(),
                "--kafka-topic " + topic,
                "--kafka-properties " + kafka,
                "--iceberg-database " + of.database(),
                "--iceberg-table " + of.table(),
                "--checkpoint-location " + folder.resolve("checkpoint"),
                "--metrics-file " + folder.resolve("run.prom"),
                "--trigger 100ms --maintain-every 1ms --keep-history 0 --max-wait 5m")
            .flatMap(option -> Stream.of(option.split(" ")))
            .toList();
    return Arguments.parse(new RunCommand(), line, name -> null);
  }

  private CompletableFuture<Void> start(TableCommand.PreparedCommand loop, Arguments arguments) {
    PrintStream out = new PrintStream(OutputStream.nullOutputStream());
    TableContext context = new TableContext(TestSpark.session(), arguments, out);
    return CompletableFuture.runAsync(
        () -> {
          try {
            loop.askServices();
            loop.execute(context);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private static void send(TestBroker broker, String topic, TestClick... clicks) {
    broker.send(Stream.of(clicks).map(click -> click.record(topic)).toList());
  }

  private void rewriteAll() {
    try {
      TestSpark.session()
          .sql(
              String.format(
                  "CALL local.system.rewrite_data_files(table => '%s',"
                      + " options => map('rewrite-all', 'true'))",
                  TableNames.plain(names.sessions())));
    } catch (RuntimeException e) {
      // The loop has compacted the same files.
    }
  }

  private long snapshots() {
    Table sessions = new SessionTables(TestSpark.session(), names).load(names.sessions());
    return StreamSupport.stream(sessions.snapshots().spliterator(), false).count();
  }

  /** The number of events that readers see; 0 before the tables are made. */
  private long events() {
    try {
      return TestSpark.live(names).values().stream().mapToLong(s -> s.events().size()).sum();
    } catch (Exception e) {
      return 0;
    }
  }

  private boolean waiting() {
    return metrics()
        .lines()
        .anyMatch(
            line ->
                line.startsWith("sessionize_loop_state{")
                    && line.contains("state=\"waiting\"")
                    && line.endsWith(" 1.0"));
  }

  private double metric(String name) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith("sessionize_" + name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + metrics()));
  }

  private String metrics() {
    try {
      return Files.readString(folder.resolve("run.prom"));
    } catch (IOException e) {
      return "";
    }
  }

  private void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(!running.isDone(), () -> "It ended: " + running);
      assertTrue(System.nanoTime() < deadline, "Waited too long");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }
}

package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Run;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import io.sessionize.summary.TableNames;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;

/**
 * A driver in its own JVM that pauses within a batch, so that a test can kill it there, or damage
 * what it needs. One Spark session executes a run for each line of input, which {@link Command}
 * writes and reads. When a run pauses, the driver prints {@value #PAUSED} and continues after
 * another line of input. After the run, it prints the exit code and the message of the command
 * line. It exits with the code of the last run.
 */
public final class PausedDriver {
  public static final String PAUSED = "paused";
  public static final String ENDED = "ended";

  private final SparkSession spark;
  private final BufferedReader input;

  private PausedDriver(SparkSession spark, BufferedReader input) {
    this.spark = spark;
    this.input = input;
  }

  /**
   * One run.
   *
   * @param point where it pauses
   */
  public record Command(
      CrashPoint point,
      String servers,
      String topic,
      String database,
      String table,
      String checkpoint,
      long nowMs) {

    public String line() {
      return String.join(
          "\t", point.name(), servers, topic, database, table, checkpoint, Long.toString(nowMs));
    }

    static Command of(String line) {
      String[] words = line.split("\t");
      return new Command(
          CrashPoint.valueOf(words[0]),
          words[1],
          words[2],
          words[3],
          words[4],
          words[5],
          Long.parseLong(words[6]));
    }
  }

  /**
   * @param args the warehouse
   */
  public static void main(String[] args) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int exitCode = 0;
    try (SparkSession spark = SparkSessions.start(args[0], Map.of("spark.master", "local[2]"))) {
      PausedDriver driver = new PausedDriver(spark, input);
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        exitCode = driver.run(Command.of(line));
      }
    }
    System.exit(exitCode);
  }

  private int run(Command command) {
    try {
      newRun(command).execute(() -> false);
      System.out.println(ENDED + " 0");
      return 0;
    } catch (RuntimeException e) {
      e.printStackTrace();
      Failure failure = Failures.explain(e);
      int exitCode = failure.kind().exitCode();
      System.out.println(ENDED + " " + exitCode + " " + failure.getMessage());
      return exitCode;
    }
  }

  private Run<?> newRun(Command command) {
    Job job =
        new Job(
            new TableNames(SparkSessions.catalog(spark), command.database(), command.table()),
            Rules.DEFAULT,
            Duration.ofMinutes(10),
            null,
            Duration.ofMinutes(10),
            command::nowMs);
    KafkaConnection connection = new KafkaConnection(command.servers(), Map.of());
    return SparkJobs.run(
        spark,
        job,
        new KafkaReadOptions(connection, Set.of(command.topic()), null, Long.MAX_VALUE, true),
        command.checkpoint(),
        batch -> {},
        pauseAt(command.point()));
  }

  private CrashPoint.Probe pauseAt(CrashPoint point) {
    AtomicBoolean passed = new AtomicBoolean();
    return reached -> {
      if (reached == point && passed.compareAndSet(false, true)) {
        System.out.println(PAUSED);
        try {
          input.readLine();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}

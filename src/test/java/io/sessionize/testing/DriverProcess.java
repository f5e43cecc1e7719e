package io.sessionize.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.cli.PausedDriver;
import io.sessionize.job.CrashPoint;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts and controls a {@link PausedDriver} in its own process. */
public final class DriverProcess implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 180;

  private final Path log;
  private final Process process;
  private final PrintStream input;
  private final BlockingQueue<String> output = new LinkedBlockingQueue<>();

  /** The exit code and message of the command line. */
  public record End(int exitCode, String message) {}

  private DriverProcess(String heap) throws IOException {
    log = Files.createTempFile("sessionize-driver", ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    // The options of this JVM: Spark needs opened packages.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Xmx" + heap);
    // The process is too short for the C2 compiler to pay off.
    command.add("-XX:TieredStopAtLevel=1");
    command.add(PausedDriver.class.getName());
    command.add(TestSpark.warehouse().toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    process = builder.start();
    input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "driver's output");
    reader.setDaemon(true);
    reader.start();
  }

  public static DriverProcess start() {
    return start("1g");
  }

  /**
   * @param heap value of {@code -Xmx}
   */
  public static DriverProcess start(String heap) {
    try {
      return new DriverProcess(heap);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a run on the scenario's tables and checkpoint, and waits until it reaches a point. */
  public void runUpTo(CrashPoint point, Scenario scenario, String time) {
    input.println(
        new PausedDriver.Command(
                point,
                scenario.broker().servers(),
                scenario.topic().name(),
                scenario.names().database(),
                scenario.names().table(),
                scenario.checkpoint().toString(),
                TestClick.at(time))
            .line());
    assertEquals(PausedDriver.PAUSED, nextLine(), this::readLog);
  }

  /** Stops the process with SIGSTOP. */
  public void stop() {
    signal("STOP");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!state().startsWith("T")) {
      assertTrue(System.nanoTime() < deadline, "It does not stop");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /** Continues a stopped process. */
  public void resume() {
    signal("CONT");
  }

  /** Continues the run to its end. */
  public End finish() {
    input.println();
    String[] end = nextLine().split(" ", 3);
    assertEquals(PausedDriver.ENDED, end[0], this::readLog);
    return new End(Integer.parseInt(end[1]), end.length > 2 ? end[2] : "");
  }

  /** Ends the process, which then has the exit code of its last run. */
  public int exitCode() {
    input.close();
    try {
      assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "It does not end");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    new File(log.toString()).delete();
  }

  private void signal(String name) {
    output("kill", "-" + name, Long.toString(process.pid()));
  }

  private String state() {
    return output("ps", "-o", "state=", "-p", Long.toString(process.pid())).strip();
  }

  private static String output(String... command) {
    try {
      Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, program.waitFor(), output);
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // The process has ended: the reader of the next line reports it.
      output.add(e.toString());
    }
  }

  private String nextLine() {
    try {
      String line = output.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertTrue(line != null, () -> "It says nothing: " + readLog());
      return line;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String readLog() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A program that a test starts as a user does. Its output goes to files. */
final class Launched implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 600;
  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Path LAUNCHER = ROOT.resolve("scripts/sessionize");

  /**
   * A driver that lives for seconds needs less CPU without the second compiler and without Spark's
   * generated code. The soak, all scenario tests, and those tests of {@link LauncherIT} that set
   * these options themselves have that code.
   */
  private static final String SHORT_LIVED =
      "-XX:TieredStopAtLevel=1 -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
          + " -Dspark.sql.codegen.wholeStage=false";

  static {
    // The first start after a build archives classes and prints a line, which no test expects.
    try {
      new ProcessBuilder(LAUNCHER.toString(), "--help")
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException | InterruptedException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Process process;
  private final Path out;
  private final Path err;

  private Launched(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts the launcher. */
  static Launched sessionize(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(LAUNCHER.toString());
    command.addAll(Arrays.asList(arguments));
    return start(folder, environment, command);
  }

  /** Starts a Python program in the tests' virtual environment. */
  static Launched python(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(venv().resolve("bin/python").toString());
    command.addAll(Arrays.asList(arguments));
    return start(folder, Map.of(), command);
  }

  static Launched start(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    // A shell in the background ignores SIGINT, and its child processes inherit that.
    List<String> withSignals = new ArrayList<>();
    withSignals.add("python3");
    withSignals.add("-c");
    withSignals.add(
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
            + " os.execvp(sys.argv[1], sys.argv[1:])");
    withSignals.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(withSignals);
    builder.directory(ROOT.toFile());
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("SESSIONIZE_LOGS", folder.resolve("logs").toString());
    builder.environment().put("SESSIONIZE_HEAP", "2g");
    // Python would give the program a locale where the test has none.
    builder.environment().put("PYTHONCOERCECLOCALE", "0");
    builder.environment().put("SESSIONIZE_JAVA_OPTIONS", SHORT_LIVED);
    // The launcher does not give its own options to spark-submit.
    builder.environment().put("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1");
    builder.environment().putAll(environment);
    return new Launched(builder.start(), out, err);
  }

  /** Returns the virtual environment of {@code scripts/test.sh}. */
  static Path venv() {
    String venv = System.getenv("SESSIONIZE_TEST_VENV");
    assertTrue(
        venv != null, "SESSIONIZE_TEST_VENV is not set: run these tests with scripts/test.sh");
    return Path.of(venv);
  }

  /** Returns the Spark of the tests' virtual environment. */
  static Path sparkHome(Path folder) throws IOException, InterruptedException {
    String print = "import os, pyspark; print(os.path.dirname(pyspark.__file__))";
    return Path.of(python(folder, "-c", print).succeeds().out().get(0));
  }

  long pid() {
    return process.pid();
  }

  /** Waits for the end of the process and returns its exit code. */
  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "It does not end");
    return process.exitValue();
  }

  /** Waits for the end of the process and requires exit code 0. */
  Launched succeeds() throws InterruptedException, IOException {
    assertEquals(0, exitCode(), () -> read(err));
    return this;
  }

  /** Waits for a condition while the process runs. */
  void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(process.isAlive(), () -> "It ended early: " + read(err));
      assertTrue(System.nanoTime() < deadline, () -> "Waited too long: " + read(err));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  List<String> out() {
    return read(out).lines().toList();
  }

  List<String> err() {
    return read(err).lines().toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

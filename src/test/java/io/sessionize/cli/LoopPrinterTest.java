package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator of continuous mode sees on stderr. */
class LoopPrinterTest {
  @TempDir Path folder;

  @Test
  void aFileThatCannotBeWrittenIsToldOnceUntilItCanBeWritten() throws Exception {
    Path report = folder.resolve("reports/report.json");
    Path metrics = folder.resolve("metrics/run.prom");
    LoopPrinter printer =
        new LoopPrinter(arguments("--report", report.toString(), "--metrics-file", "" + metrics));
    String warning = " cannot be written: free space there. It is tried again.\n";
    for (int failure = 0; failure < 2; failure++) {
      String warned =
          stderr(
              () -> {
                for (int run = 0; run < 3; run++) {
                  end(printer);
                }
              });
      assertEquals(2, warned.lines().count(), warned);
      assertTrue(warned.contains(report + warning), warned);
      assertTrue(warned.contains(metrics + warning), warned);

      Files.createDirectory(report.getParent());
      Files.createDirectory(metrics.getParent());
      assertEquals("", stderr(() -> end(printer)));
      for (Path file : List.of(report, metrics)) {
        Files.delete(file);
        Files.delete(file.getParent());
      }
    }
  }

  @Test
  void aWaitSaysHowLongItTries() {
    LoopPrinter printer = new LoopPrinter(arguments());
    Failure away = Failure.unreachable(null, "away");
    Failure reset = new Failure(Failure.Kind.OTHER, "reset", null);
    assertTrue(
        stderr(() -> printer.waits(away, Duration.ofSeconds(1)))
            .contains("growing pauses for up to 30 min (--max-wait): away"));
    assertTrue(
        stderr(() -> printer.waits(reset, Duration.ofSeconds(1)))
            .contains("trying again up to 5 times: reset"));
  }

  @Test
  void aSecretInTheMessageOfAServiceIsNotShown() {
    LoopPrinter printer = new LoopPrinter(arguments());
    Failure away = Failure.unreachable(null, "No answer of jdbc:postgresql://me:s3cret@host/db");
    String waits = stderr(() -> printer.waits(away, Duration.ofSeconds(1)));
    assertTrue(waits.contains("No answer of jdbc:postgresql://me:***@host/db"), waits);
    String fails = stderr(() -> printer.maintenanceFails(away));
    assertTrue(fails.contains("No answer of jdbc:postgresql://me:***@host/db"), fails);
  }

  private static void end(LoopPrinter printer) {
    printer.ended(
        RunReport.since(
            Instant.now(), "run", new TableNames("local", "sessions", "t"), RunReportTest.batch()));
    printer.changed(LoopMetricsTest.NEW);
  }

  private static Arguments arguments(String... options) {
    return Arguments.parse(new RunCommand(), List.of(options), name -> null);
  }

  private static String stderr(Runnable work) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}

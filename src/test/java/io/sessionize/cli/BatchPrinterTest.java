package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BatchPrinterTest {
  @Test
  void aWarningWithATextIsOneLineWithTheTextInIt() {
    BatchPrinter printer = new BatchPrinter(new PrintStream(OutputStream.nullOutputStream()));
    assertEquals(
        "sessionize: warning: moved to here\n", printed(() -> printer.warn("moved to %s", "here")));
    String timed = printed(() -> BatchPrinter.warnWithTime("moved to %s", "here"));
    assertTrue(timed.matches("[\\d-]{10}T[\\d:]{8}Z  sessionize: warning: moved to here\n"), timed);
  }

  private static String printed(Runnable warning) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      warning.run();
    } finally {
      System.setErr(before);
    }
    return err.toString(StandardCharsets.UTF_8);
  }
}
